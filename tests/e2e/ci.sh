#!/bin/bash
# The CI recipes: what they run, run; and what can be said of their files.
. "$(dirname "$0")/lib.sh"

ci=$TOP/packaging/ci
t_ok "run-cases is a shell script" sh -n "$ci/run-cases"
t_exit "it wants cases" 64 "$ci/run-cases" -o "$TMP/none"

# GitLab takes the image's own ENTRYPOINT away; the variables expand unquoted.
if command -v python3 >/dev/null && python3 -c 'import yaml' 2>/dev/null; then
	cat >"$TMP/steps.py" <<'PY'
import sys, yaml
doc = yaml.safe_load(open(sys.argv[1]))
if sys.argv[2] == "action":
    assert doc["runs"]["using"] == "composite"
    for i, step in enumerate(doc["runs"]["steps"]):
        assert step["shell"] == "bash", step
        for value in step["env"].values():
            name = value.removeprefix("${{ inputs.").removesuffix(" }}")
            assert name in doc["inputs"], value
        open(f"{sys.argv[3]}.{i}", "w").write(step["run"])
elif sys.argv[2] == "workflow":
    steps = doc["jobs"]["failover"]["steps"]
    given = next(s for s in steps if s.get("uses", "").endswith("/packaging/ci@v0.1.0"))["with"]
    known = yaml.safe_load(open(sys.argv[3]))["inputs"]
    assert set(given) <= set(known), set(given) - set(known)
    assert {k for k, v in known.items() if v.get("required")} <= set(given)
else:
    open(sys.argv[3], "w").write("\n".join(doc["failover"]["script"]) + "\n")
PY
	t_ok "action.yml" python3 "$TMP/steps.py" "$ci/action.yml" action "$TMP/step"
	t_ok "its first step is bash" bash -n "$TMP/step.0"
	t_ok "its second step is bash" bash -n "$TMP/step.1"
	t_ok "the workflow gives it what it takes" python3 "$TMP/steps.py" \
		"$ci/github-workflow.yml" workflow "$ci/action.yml"
	t_ok "gitlab.yml" python3 "$TMP/steps.py" "$ci/gitlab.yml" gitlab "$TMP/gitlab"
	t_ok "its script is sh" sh -n "$TMP/gitlab"
else
	t_skip "no YAML reader: apt-get install python3-yaml"
fi

# The action's second step, as GitHub would run it, in a workspace of one's own.
mkdir -p "$TMP/work/cases" "$TMP/action/packaging" "$TMP/action/build"
cp -R "$TOP/topologies" "$TMP/work/"
cp -R "$TOP/cases/master_down" "$TOP/cases/backup_down" "$TMP/work/cases/"
sed -i 's|rate [0-9]*/s|rate 20/s|; s|3\.7s|3.8s|' "$TMP"/work/cases/*/case.conf # quick
cp -R "$ci" "$TMP/action/packaging/"
ln -s "$BIN/halbsim" "$TMP/action/build/halbsim"
cd "$TMP/work" || exit 1
step() {
	GITHUB_ACTION_PATH=$TMP/action/packaging/ci GITHUB_OUTPUT=$TMP/output \
		GITHUB_STEP_SUMMARY=$TMP/summary CASES='cases/*' ENGINE=${2:-both} \
		BASELINES=reports/baseline REPORTS=$1 \
		bash --noprofile --norc -eo pipefail "$TMP/step.1" >"$TMP/out" 2>"$TMP/err"
}
if [ ! -f "$TMP/step.1" ]; then
	t_skip "the action's step cannot be read"
	t_done
fi
step first
status=$?
if [ $status = 4 ]; then
	t_skip "no run to look at: $(tail -n 1 "$TMP/err")"
	t_done
fi
t_is "the action runs the cases" "$status" 0
if [ "$status" != 0 ]; then
	sed 's/^/# /' "$TMP/out" "$TMP/err"
	t_done
fi
t_is "its output" "$(cat "$TMP/output")" "junit=first/junit.xml"
t_ok "the JUnit file has both cases with both engines" \
	test "$(grep -c '<testsuite ' first/junit.xml)" = 4
t_grep "the job's summary has them" 'master_down' "$TMP/summary"
t_ok "a page with both engines" grep -q 'id="compare"' first/master_down/engines.html

# With baselines it gates. One case with one engine is enough for that.
rm -r cases/backup_down
"$BIN/halbsim" baseline --out first master_down >/dev/null
mkdir -p reports
mv first/baseline reports/
rm -f "$TMP/summary"
step second halbd
t_is "the same again is no regression" $? 0
t_grep "and the summary says so" 'no regression' "$TMP/summary"
jq '.failovers[0].garp_ns -= 100000' reports/baseline/master_down/halbd.json >"$TMP/better.json"
cp "$TMP/better.json" reports/baseline/master_down/halbd.json
step third halbd
status=$?
t_is "a better baseline makes it one" $status 1
[ $status = 1 ] || sed 's/^/# /' "$TMP/out" "$TMP/err"
t_exit "a used folder is refused" 64 env HALBSIM="$BIN/halbsim" "$ci/run-cases" -o third cases/master_down

# The container file, as far as it goes without pulling images.
t_is "the container does not run as root" "$(sed -n 's/^USER //p' "$ci/Containerfile" | tail -n 1)" "1000:1000"
t_ok "and asks for no privilege" sh -c "! grep -Ei 'privileged|cap-add|--device' '$ci/Containerfile'"
if command -v dpkg-query >/dev/null 2>&1 && command -v objdump >/dev/null 2>&1; then
	for so in $(objdump -p "$BIN/halbsim" "$BIN/halbd" "$BIN/halbweb" | awk '$1 == "NEEDED" {print $2}' | sort -u); do
		p=$(dpkg-query -S "*/$so" 2>/dev/null | head -n 1 | cut -d : -f 1)
		case $p in
		'' | libc6 | libasan* | libubsan*) continue ;; # every image has libc
		esac
		t_ok "the image has $p for $so" grep -qw -e "$p" "$ci/Containerfile"
	done
fi
t_done
