/* Only comfort: everything can be read without. Zoom, a cursor, copying. */
(function () {
	"use strict";
	var minus = "\u2212";

	function text(s, digits) {
		var t = (s < 0 ? minus : s > 0 ? "+" : "") + Math.abs(s).toFixed(digits);
		return t.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") + " s";
	}

	function step(span) {
		for (var p = 0.000001; ; p *= 10)
			for (var k of [1, 2, 5])
				if (span / (p * k) < 8)
					return p * k;
	}

	function Lanes(box) {
		var d = box.dataset, end = +d.end, zero = +d.zero;
		var home = [+d.from, +d.to], view = home.slice();
		var svgs = box.querySelectorAll("svg[viewBox]");
		var rows = box.querySelector(".rows"), axis = box.querySelector(".axis");
		var cursor = document.createElement("div");
		var tools = document.createElement("div");
		var out = document.createElement("span");

		cursor.className = "cursor";
		cursor.hidden = true;
		rows.appendChild(cursor);

		function share(x) {
			return 100 * (x - view[0]) / (view[1] - view[0]);
		}

		function ticks() {
			var s = step((view[1] - view[0]) / 1000) * 1000;
			var n = Math.ceil((view[0] - zero) / s), label;
			axis.textContent = "";
			for (; zero + n * s <= view[1]; n++) {
				if (share(zero + n * s) < 3 || share(zero + n * s) > 97)
					continue;
				label = document.createElement("span");
				label.className = n % 2 ? "tick alt" : "tick";
				label.style.left = share(zero + n * s) + "%";
				label.textContent = text(n * s / 1000, 6);
				axis.appendChild(label);
			}
		}

		function show() {
			svgs.forEach(function (s) {
				var h = s.viewBox.baseVal.height;
				s.setAttribute("viewBox", view[0] + " 0 " + (view[1] - view[0]) + " " + h);
			});
			box.querySelectorAll(".lab").forEach(function (l) {
				var a = Math.max(+l.dataset.a, view[0]), b = Math.min(+l.dataset.b, view[1]);
				l.hidden = a >= b;
				l.style.left = share(a) + "%";
				l.style.width = share(b) - share(a) + "%";
			});
			box.querySelectorAll(".flag").forEach(function (l) {
				var p = share(+l.dataset.a);
				l.hidden = p < 0 || p > 100;
				l.style.left = p + "%";
				l.classList.toggle("left", p > 70);
			});
			ticks();
		}

		function go(from, to) {
			var width = Math.min(Math.max(to - from, 0.01), end);
			from = Math.min(Math.max(from, 0), end - width);
			view = [from, from + width];
			show();
		}

		function zoom(k, at) {
			go(at - (at - view[0]) * k, at + (view[1] - at) * k);
		}

		function at(ev) {
			var r = box.querySelector(".over").getBoundingClientRect();
			return view[0] + (view[1] - view[0]) * (ev.clientX - r.left) / r.width;
		}

		function button(label, title, act) {
			var b = document.createElement("button");
			b.type = "button";
			b.textContent = label;
			b.title = title;
			b.addEventListener("click", act);
			tools.appendChild(b);
		}

		function middle() {
			return (view[0] + view[1]) / 2;
		}

		tools.className = "tools";
		button("+", "closer", function () { zoom(0.5, middle()); });
		button(minus, "wider", function () { zoom(2, middle()); });
		button("\u2190", "earlier", function () { var w = (view[1] - view[0]) / 4; go(view[0] - w, view[1] - w); });
		button("\u2192", "later", function () { var w = (view[1] - view[0]) / 4; go(view[0] + w, view[1] + w); });
		button("as it was", "the first view again", function () { go(home[0], home[1]); });
		button("whole run", "from the start", function () { go(0, end); });
		out.className = "readout";
		out.setAttribute("aria-hidden", "true");
		tools.appendChild(out);
		box.insertBefore(tools, box.firstChild);

		rows.addEventListener("pointermove", function (ev) {
			var t = at(ev), r = rows.getBoundingClientRect();
			var inside = t >= view[0] && t <= view[1];
			cursor.hidden = !inside;
			out.textContent = inside ? text((t - zero) / 1000, 6) : "";
			cursor.style.left = ev.clientX - r.left + "px";
		});
		rows.addEventListener("pointerleave", function () {
			cursor.hidden = true;
			out.textContent = "";
		});
		rows.addEventListener("wheel", function (ev) {
			if (!ev.ctrlKey && !ev.metaKey)
				return;
			ev.preventDefault();
			zoom(ev.deltaY < 0 ? 0.7 : 1 / 0.7, at(ev));
		}, { passive: false });
		rows.addEventListener("dblclick", function (ev) { zoom(0.25, at(ev)); });
		box.addEventListener("keydown", function (ev) {
			var w = (view[1] - view[0]) / 8;
			if (ev.ctrlKey || ev.altKey || ev.metaKey || ev.target.tagName === "BUTTON")
				return;
			if (ev.key === "+") zoom(0.5, middle());
			else if (ev.key === "-") zoom(2, middle());
			else if (ev.key === "ArrowLeft") go(view[0] - w, view[1] - w);
			else if (ev.key === "ArrowRight") go(view[0] + w, view[1] + w);
			else if (ev.key === "0") go(home[0], home[1]);
			else return;
			ev.preventDefault();
		});
	}

	document.querySelectorAll(".lanes").forEach(Lanes);

	document.querySelectorAll(".again").forEach(function (p) {
		var b = document.createElement("button");
		if (!navigator.clipboard)
			return;
		b.type = "button";
		b.textContent = "copy";
		b.addEventListener("click", function () {
			navigator.clipboard.writeText(p.querySelector("code").textContent).then(function () {
				b.textContent = "copied";
			});
		});
		p.appendChild(b);
	});
})();
