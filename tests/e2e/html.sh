#!/bin/sh
# report.html in a real browser: every lane is there, the figures are those of
# report.json, nothing is fetched, nothing is complained about, a phone does not
# have to scroll sideways, and the keyboard reaches and moves the plots.
. "$(dirname "$0")/lib.sh"

for tool in chromedriver chromium jq curl; do
	command -v $tool >/dev/null 2>&1 && continue
	t_skip "no $tool: apt-get install chromium chromium-driver jq curl"
	t_done
done

"$BIN/halbsim" run --quiet --engine both --out "$TMP/runs" "$TOP/cases/master_down" \
	>"$TMP/run.out" 2>&1
status=$?
if [ $status = 4 ]; then
	t_skip "no run to look at: $(tail -n 1 "$TMP/run.out")"
	t_done
fi
t_is "a run of each engine" "$status" 0
if [ "$status" != 0 ]; then
	sed 's/^/# /' "$TMP/run.out"
	t_done
fi
halbd=$(echo "$TMP"/runs/master_down/*-halbd)
keepalived=$(echo "$TMP"/runs/master_down/*-keepalived)
"$BIN/halbsim" report "$halbd" "$keepalived" --html >"$TMP/both.html"
t_is "two engines on one page" $? 0
t_ok "the page that the run left" cmp "$TMP/both.html" "$TMP/runs/master_down/engines-seed1.html"
"$BIN/halbsim" report "$halbd" --html >"$TMP/again.html"
t_ok "the same bytes as the run wrote" cmp "$TMP/again.html" "$halbd/report.html"

# --- a browser, by the WebDriver protocol ---

start_driver() {
	chromedriver --port=0 >"$TMP/driver.out" 2>&1 &
	driver=$!
	n=0
	until port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$TMP/driver.out") &&
		[ -n "$port" ]; do
		n=$((n + 1))
		[ $n -lt 1200 ] && kill -0 $driver 2>/dev/null || return 1
		sleep 0.1
	done
	jq -n --arg dir "$TMP/profile" '{capabilities: {alwaysMatch: {
		"goog:loggingPrefs": {browser: "ALL", performance: "ALL"},
		"goog:chromeOptions": {args: ["--headless=new", "--no-sandbox", "--disable-gpu",
			"--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync",
			"--user-data-dir=\($dir)"]}}}}' >"$TMP/caps.json"
	session=$(curl -s "localhost:$port/session" -d @"$TMP/caps.json" | jq -r .value.sessionId)
	[ -n "$session" ] && [ "$session" != null ]
}

stop_driver() {
	curl -s -X DELETE "localhost:$port/session/$session" >/dev/null
	kill "$driver" 2>/dev/null
	wait "$driver" 2>/dev/null
	driver=
}

# wd PATH JSON: one command; its value.
wd() {
	curl -s "localhost:$port/session/$session/$1" -d "$2" | jq -c .value
}

# js SCRIPT: what it returns, without quotes.
js() {
	jq -n --arg s "$1" '{script: $s, args: []}' >"$TMP/js.json"
	curl -s "localhost:$port/session/$session/execute/sync" -d @"$TMP/js.json" |
		jq -r '.value | if type == "object" and .error then "ERROR \(.message)" else . end'
}

size() {
	wd goog/cdp/execute "{\"cmd\": \"Emulation.setDeviceMetricsOverride\", \"params\":
		{\"width\": $1, \"height\": 900, \"deviceScaleFactor\": 1, \"mobile\": $2}}" >/dev/null
}

look_at() {
	wd url "{\"url\": \"file://$1\"}" >/dev/null
}

trap 't_cleanup; [ -z "${driver:-}" ] || kill "$driver" 2>/dev/null' EXIT
if ! start_driver; then
	t_fail "the browser starts"
	sed 's/^/# /' "$TMP/driver.out"
	t_done
fi

# --- one run ---

size 1280 false
look_at "$halbd/report.html"
json=$halbd/report.json
titles=$(js 'return [...document.querySelectorAll(".lane svg > title")].map(t => t.textContent).join("\n")')
echo "$titles" >"$TMP/titles"
for lane in 'client, http' 'client, 192.168.31.200 is at' 'lvs1, VRRP 51' 'lvs2, VRRP 51' \
	'lvs1, adverts' 'lvs2, adverts' 'lvs1, VIP 192.168.31.200' 'lvs2, VIP 192.168.31.200' \
	'lvs1, → web1:80' 'lvs1, → web2:80' 'lvs2, → web1:80' 'lvs2, → web2:80' \
	'lvs2, ARP' 'web1, halbweb' 'web2, halbweb'; do
	t_grep "a lane: $lane" "^$lane: " "$TMP/titles"
done
t_is "as many gaps in the table as in report.json" \
	"$(js 'return document.querySelectorAll("table.gaps tbody tr").length')" \
	"$(jq '[.traffic[].gaps[]] | length' "$json")"
t_is "as many gaps in the lanes" \
	"$(js 'return document.querySelectorAll(".k-request rect.r-gap").length')" \
	"$(jq '[.traffic[].gaps[]] | length' "$json")"
t_is "as many expectations, as many held" \
	"$(js 'return document.querySelectorAll("ul.expect > li").length + " " + document.querySelectorAll("ul.expect > li.held").length')" \
	"$(jq -r '"\(.expect | length) \([.expect[] | select(.ok)] | length)"' "$json")"
t_is "the verdict" "$(js 'return document.querySelector(".verdict").className')" \
	"verdict $(jq -r .verdict "$json")"
t_is "the first good reply, to the microsecond" \
	"$(js 'return [...document.querySelectorAll(".steps tr")].filter(r => r.textContent.startsWith("first good reply"))[0].querySelector("time").title')" \
	"$(jq -r '.failovers[0].first_ok_ns' "$json") ns into the run"
t_is "an advert mark for each one sent" \
	"$(js 'return [...document.querySelectorAll(".k-advert path")].map(p => (p.getAttribute("d").match(/M/g) || []).length).reduce((a, b) => a + b, 0)')" \
	"$(jq -s '[.[] | select(.type == "vrrp" and (.delivered | not))] | length' "$halbd/events.jsonl")"
t_is "no id twice" \
	"$(js 'const i = [...document.querySelectorAll("[id]")].map(e => e.id); return i.length - new Set(i).size')" 0
t_is "every plot has a name" \
	"$(js 'return [...document.querySelectorAll("svg[role=img]")].filter(s => !s.querySelector(":scope > title").textContent || !s.querySelector(":scope > desc").textContent).length')" 0
t_is "every link leads somewhere" \
	"$(js 'return [...document.querySelectorAll("a[href^=\"#\"]")].filter(a => !document.getElementById(a.hash.slice(1))).length')" 0
t_is "no sideways scrolling on a wide screen" \
	"$(js 'return document.documentElement.scrollWidth <= innerWidth')" true

# --- the keyboard ---

key() {
	wd actions "{\"actions\": [{\"type\": \"key\", \"id\": \"k\", \"actions\": [
		{\"type\": \"keyDown\", \"value\": \"$1\"}, {\"type\": \"keyUp\", \"value\": \"$1\"}]}]}" >/dev/null
}
key '\uE004'
t_is "the first tab stop skips to the result" \
	"$(js 'return document.activeElement.className + " " + document.activeElement.hash')" 'skip #main'
before=$(js 'return document.querySelector(".lane svg").getAttribute("viewBox")')
js 'document.querySelector(".lane svg").focus()' >/dev/null
key +
t_is "plus brings a focused lane closer, and all of them alike" \
	"$(js "const v = [...new Set([...document.querySelectorAll('.lane svg')].map(s => s.getAttribute('viewBox')))]; return v.length === 1 && v[0] !== '$before'")" true
key 0
t_is "0 brings the first view back" \
	"$(js 'return document.querySelector(".lane svg").viewBox.baseVal.width.toFixed(1)')" \
	"$(echo "$before" | awk '{printf "%.1f", $3}')"

# --- contrast: every text against what is behind it, in light and dark ---

contrast='
function rgb(s) { const m = s.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; }
function lum(c) { const l = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
	return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; }
function behind(e) { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; }
	return rgb(getComputedStyle(document.documentElement).colorScheme === "dark" ? "rgb(0,0,0)" : "rgb(255,255,255)"); }
function fill(e) { const l = e.closest(".track"); const t = [...e.classList].find(c => c.startsWith("t-"));
	return rgb(getComputedStyle(l.querySelector("rect." + t)).fill); }
const bad = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let n; n = walk.nextNode();) {
	const e = n.parentElement;
	if (!n.textContent.trim() || e.closest("svg, script, style") || !e.checkVisibility({visibilityProperty: true})) continue;
	const fg = lum(rgb(getComputedStyle(e).color)), bg = lum(e.classList.contains("lab") ? fill(e) : behind(e));
	const ratio = (Math.max(fg, bg) + .05) / (Math.min(fg, bg) + .05);
	if (ratio < 4.5) bad.push(ratio.toFixed(2) + " " + e.className + " " + n.textContent.trim().slice(0, 20));
}
return [...new Set(bad)].join("; ");'
for scheme in light dark; do
	wd goog/cdp/execute "{\"cmd\": \"Emulation.setEmulatedMedia\", \"params\":
		{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$scheme\"}]}}" >/dev/null
	t_is "text contrast of at least 4.5, $scheme" "$(js "$contrast")" ""
done

# --- a phone, and both engines ---

size 390 true
for page in "$halbd/report.html" "$TMP/both.html"; do
	look_at "$page"
	t_is "no sideways scrolling on a phone: ${page##*/}" \
		"$(js 'return document.documentElement.scrollWidth')" 390
	t_is "  nor with long labels at the edges" \
		"$(js 'document.querySelectorAll(".tick.edge").forEach(t => { t.textContent = "+12345.678 ms"; });
			return document.documentElement.scrollWidth')" 390
done
t_is "both engines are there" \
	"$(js 'return [...document.querySelectorAll(".compare thead th a")].map(a => a.textContent).join(" ")')" \
	'halbd keepalived'
t_is "no id twice with two engines" \
	"$(js 'const i = [...document.querySelectorAll("[id]")].map(e => e.id); return i.length - new Set(i).size')" 0

# --- without scripts nothing is missing but comfort ---

wd goog/cdp/execute '{"cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": true}}' >/dev/null
look_at "$halbd/report.html"
curl -s "localhost:$port/session/$session/source" | jq -r .value >"$TMP/source.html"
t_is "no script, no buttons" "$(grep -c '<button' "$TMP/source.html")" 0
t_is "no script, every lane" "$(grep -c 'class="lane ' "$TMP/source.html")" \
	"$(grep -c 'class="lane ' "$halbd/report.html")"

# --- what the browser asked for and complained about ---

curl -s "localhost:$port/session/$session/se/log" -d '{"type": "performance"}' |
	jq -r '.value[].message | fromjson | .message
		| select(.method == "Network.requestWillBeSent") | .params
		| select(.documentURL | startswith("chrome:") | not) | .request.url' >"$TMP/urls"
t_is "the browser's requests were seen" "$(grep -c '^file://.*/report.html$' "$TMP/urls")" 3
grep -v -e '^file://' -e '^data:' "$TMP/urls" >"$TMP/asked"
t_is "nothing was fetched" "$(cat "$TMP/asked")" ""
curl -s "localhost:$port/session/$session/se/log" -d '{"type": "browser"}' |
	jq -r '.value[] | "\(.level) \(.message)"' >"$TMP/console"
t_is "the console is silent" "$(cat "$TMP/console")" ""
stop_driver
t_done
