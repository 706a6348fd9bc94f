"""Starts a run, asks how it stands, and reads its result, with Temporal's own Python package and nothing of flowyml's.

    pip install temporalio
    python client.py localhost:7233
"""

import asyncio
import sys
import uuid

from temporalio.client import Client, WorkflowFailureError


async def main(address: str, task_queue: str) -> None:
    client = await Client.connect(address)
    handle = await client.start_workflow(
        "credit_score",  # the workflow's type is the pipeline's name
        {"params": {"income": 5200, "debts": 1300, "late_payments": 1}, "tags": ["python"]},  # a RunRequest
        id=f"credit-{uuid.uuid4()}",  # the run's id
        task_queue=task_queue,  # the project's name
    )
    status = await handle.query("status")
    print(f"started {handle.id}: {status['status']}")

    result = await handle.result()  # a RunResult
    for name, step in result["steps"].items():
        print(f"{name}: {step['status']}")
    print("score:", result["steps"]["score"]["outputs"]["score"]["value"])
    print("decision:", result["steps"]["decide"]["outputs"]["decision"]["value"])

    # A run that fails fails its workflow; the RunResult is in the failure's details.
    try:
        await client.execute_workflow(
            "credit_score", {"params": {"income": "much", "debts": 0}}, id=f"credit-{uuid.uuid4()}", task_queue=task_queue
        )
    except WorkflowFailureError as failure:
        print(f"refused: {failure.cause.type}: {failure.cause.message}")


asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "flowyml"))
