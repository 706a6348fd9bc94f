"""Starts a run of a pipeline with nothing but Temporal's client, and prints as JSON what became of it."""

import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowFailureError


async def main(address: str, queue: str, workflow: str, run_id: str, request: str) -> None:
    client = await Client.connect(address)
    run = await client.start_workflow(workflow, json.loads(request), id=run_id, task_queue=queue)
    try:
        told = {"result": await run.result()}
    except WorkflowFailureError as error:
        cause = error.cause
        told = {"failure": {"type": cause.type, "message": cause.message, "details": list(cause.details)}}
    told["status"] = await run.query("status")
    print(json.dumps(told), flush=True)


asyncio.run(main(*sys.argv[1:]))
# Not by sys.exit: the client's native part sometimes crashes while the interpreter ends.
os._exit(0)
