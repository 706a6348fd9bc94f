"""Approves, rejects, pauses and cancels runs with nothing but Temporal's client, and prints as JSON what became of them."""

import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError


async def until(run, holds) -> None:
    while not holds(await run.query("status")):
        await asyncio.sleep(0.05)


def waits(status) -> bool:
    return status["steps"].get("review", {}).get("status") == "waiting"


async def main(address: str, queue: str, prefix: str) -> None:
    client = await Client.connect(address)
    told = {}

    run = await client.start_workflow("asks", {}, id=f"{prefix}-approved", task_queue=queue)
    await until(run, waits)
    told["waiting"] = await run.query("status")
    told["decision"] = await run.execute_update("approve", {"step": "review", "by": "ann", "comment": "fine"})
    told["approved"] = await run.result()

    run = await client.start_workflow("asks", {}, id=f"{prefix}-rejected", task_queue=queue)
    await until(run, waits)
    try:
        await run.execute_update("approve", {"step": "revue", "by": "ann"})
    except WorkflowUpdateFailedError as error:
        told["refused"] = error.cause.message
    await run.signal("reject", {"step": "review", "by": "bob"})
    try:
        await run.result()
    except WorkflowFailureError as error:
        told["rejected"] = error.cause.message

    run = await client.start_workflow("asks", {}, id=f"{prefix}-paused", task_queue=queue)
    await until(run, waits)
    await run.signal("pause")
    await until(run, lambda status: status["status"] == "paused")
    await run.signal("resume")
    await until(run, lambda status: status["status"] == "waiting")
    await run.cancel()
    try:
        await run.result()
    except WorkflowFailureError as error:
        told["cancelled"] = type(error.cause).__name__
    told["ended"] = await run.query("status")
    print(json.dumps(told), flush=True)


asyncio.run(main(*sys.argv[1:]))
# Not by sys.exit: the client's native part sometimes crashes while the interpreter ends.
os._exit(0)
