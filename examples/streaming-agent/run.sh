#!/bin/sh
# What the Lambda Web Adapter's layer starts: the app, on the port that the adapter forwards to. The interpreter is the runtime's.
cd "${LAMBDA_TASK_ROOT:-.}" || exit 1
# The runtime's boto3, which signs large uploads: older runtimes keep it here, newer ones among Python's own packages (inferred). The
# app's packages come first, from the current folder.
export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}/var/runtime"
exec python3 -m uvicorn app.main:app --host 127.0.0.1 --port "${AWS_LWA_PORT:-8080}" --no-access-log
