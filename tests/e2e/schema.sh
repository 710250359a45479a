#!/bin/sh
# docs/*.schema.json against what runs write: every key is described and nothing
# else is written (the schemas themselves allow additions; here they do not).
. "$(dirname "$0")/lib.sh"

if ! python3 -c 'import jsonschema' 2>/dev/null || ! command -v jq >/dev/null 2>&1; then
	t_skip "no validator: apt-get install python3-jsonschema jq"
	t_done
fi
cat >"$TMP/validate.py" <<'PY'
import json, sys
from jsonschema import Draft202012Validator as Validator

def strict(s):
    if isinstance(s, dict):
        if "properties" in s and "oneOf" not in s:
            s.setdefault("additionalProperties", False)
        for v in s.values():
            strict(v)
    elif isinstance(s, list):
        for v in s:
            strict(v)
    return s

schema = strict(json.load(open(sys.argv[1])))
Validator.check_schema(schema)
validator = Validator(schema)
for path in sys.argv[2:]:
    text = open(path)
    docs = map(json.loads, text) if path.endswith(".jsonl") else [json.load(text)]
    n = 0
    for n, doc in enumerate(docs, 1):
        for error in validator.iter_errors(doc):
            sys.exit(f"{path}:{n}: {list(error.path)}: {error.message[:300]}")
    if not n:
        sys.exit(f"{path}: empty")
PY

# A failover, a health check, a case that fails on purpose: all kinds of events.
"$BIN/halbsim" run --quiet --out "$TMP/runs" "$TOP/cases/master_down" \
	"$TOP/cases/web_down" "$TOP/cases/master_stop" >"$TMP/run.out" 2>&1
status=$?
if [ $status = 4 ]; then
	t_skip "no run to look at: $(tail -n 1 "$TMP/run.out")"
	t_done
fi
t_is "three runs" "$status" 0
if [ "$status" != 0 ]; then
	sed 's/^/# /' "$TMP/run.out"
	t_done
fi
for run in "$TMP"/runs/*/latest; do
	name=$(basename "$(dirname "$run")")
	t_ok "report.json of $name" python3 "$TMP/validate.py" \
		"$TOP/docs/report.schema.json" "$run/report.json"
	t_ok "events.jsonl of $name" python3 "$TMP/validate.py" \
		"$TOP/docs/event.schema.json" "$run/events.jsonl"
done

# The test itself finds what it should.
jq '. + {surprise: 1}' "$run/report.json" >"$TMP/extra.json"
t_exit "an unknown key is found" 1 python3 "$TMP/validate.py" \
	"$TOP/docs/report.schema.json" "$TMP/extra.json"
jq '.traffic[0].gaps[0].failed = -1' "$TMP/runs/master_down/latest/report.json" >"$TMP/negative.json"
t_exit "a negative count is found" 1 python3 "$TMP/validate.py" \
	"$TOP/docs/report.schema.json" "$TMP/negative.json"
t_done
