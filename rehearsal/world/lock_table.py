"""The DynamoDB table of Terraform's locks and digests, in the team's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.world.clients import Clients


class LockTable:
    """A table whose key is the LockID.

    Args:
        clients: the team's.
        name: what it is called; empty where there is none, and then it holds nothing.
    """

    def __init__(self, clients: Clients, name: str) -> None:
        self._clients = clients
        self._name = name

    def make(self) -> None:
        """Create it, empty."""
        self._clients.dynamodb.create_table(
            TableName=self._name,
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def item(self, lock_id: str) -> dict[str, str]:
        """The attributes of an item; empty where there is none."""
        if not self._name:
            return {}
        found = self._clients.dynamodb.get_item(TableName=self._name, Key={"LockID": {"S": lock_id}})
        return {name: str(value.get("S", "")) for name, value in found.get("Item", {}).items()}

    def put_item(self, lock_id: str, **attributes: str) -> None:
        """Write an item, whatever is there."""
        values = {name: {"S": value} for name, value in attributes.items()}
        self._clients.dynamodb.put_item(TableName=self._name, Item={"LockID": {"S": lock_id}, **values})

    def delete_item(self, lock_id: str) -> None:
        """Delete an item, if it is there."""
        if self._name:
            self._clients.dynamodb.delete_item(TableName=self._name, Key={"LockID": {"S": lock_id}})
