from __future__ import annotations

import json

import pytest

from rollback.process import Completed
from rollback.terraform import complaints
from rollback.terraform.explaining import diagnostics, explain
from rollback.terraform.program import Program, TerraformError, Version

PROGRAM = Program("terraform", ("terraform",), Version(1, 11, 4))
SECRET = "hunter2-in-a-detail"  # noqa: S105 - what may not come out


def words(*text: str, code: int = 1) -> Completed:
    return Completed(("terraform",), code, b"", "\n".join(text).encode(), 0.1)


def events(*told: dict[str, str]) -> Completed:
    lines = [json.dumps({"type": "diagnostic", "diagnostic": {"severity": "error", **each}}) for each in told]
    return Completed(("terraform",), 1, "\n".join(["{}", "no json", *lines]).encode(), b"", 0.1)


LOCKED = """\
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error
StatusCode: 412, RequestID: x, api error PreconditionFailed: At least one
Lock Info:
  ID:        11111111-2222-3333-4444-555555555555
  Path:      x
  Operation: OperationTypeApply
  Who:       ben@laptop
  Version:   1.11.4
  Created:   2026-01-05 11:58:00 +0000 UTC
  Info:      """
KNOWN = [
    (LOCKED, complaints.StateLocked, "ben@laptop holds it since 2026-01-05 11:58 UTC for apply (lock 11111111"),
    (
        "Error: Error releasing the state lock\n\nError message: operation error S3: DeleteObject, StatusCode: 403",
        complaints.LockNotReleased,
        "could not give the lock of the state back",
    ),
    ("Error: Saved plan is stale\n\nThe given plan file can no longer be applied", complaints.StalePlan, "has moved"),
    ("Error: Saved plan does not match the given state\n\nIt was created from", complaints.StalePlan, "has moved"),
    (
        'Error: Unsupported Terraform Core version\n\n  on main.tf line 9:\n   9: required_version = ">= 2.0"\n\nThis',
        complaints.WrongVersion,
        'another Terraform (">= 2.0") than the terraform 1.11.4 here',
    ),
    (
        "Error: Unsupported state file format\n\nThe state file uses format version 5, which is not supported by Terraform",
        complaints.WrongVersion,
        "format 5, which terraform 1.11.4 doesn't know",
    ),
    (
        "Error: Unsupported state file format\n\nThe state file could not be parsed as JSON: syntax error",
        complaints.StateUnreadable,
        "it is damaged",
    ),
    (
        "Error: Error refreshing state: state data in S3 does not have the expected content.",
        complaints.StateUnreadable,
        "digest",
    ),
    (
        'Error: Failed to get existing workspaces: S3 bucket "nope" does not exist.\n\nThe referenced',
        complaints.BackendDenied,
        'no bucket "nope"',
    ),
    (
        "Error: operation error S3: HeadObject, https response error StatusCode: 403, api error Forbidden: Forbidden",
        complaints.BackendDenied,
        "another account's",
    ),
    ("Error: No valid credential sources found\n\nPlease see", complaints.BackendDenied, "no valid AWS credentials"),
    (
        'Error: validating provider credentials: Post "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connection refused',
        complaints.BackendUnreachable,
        "can't be reached",
    ),
    (
        "Error: Failed to query available provider packages\n\nCould not retrieve versions for\nprovider hashicorp/aws: x",
        complaints.ProviderMissing,
        "A provider (hashicorp/aws)",
    ),
    ("Error: Inconsistent dependency lock file\n\nThe following", complaints.ProviderMissing, "A provider"),
    ("Error: Unreadable module directory\n\nUnable to evaluate", complaints.ConfigurationBroken, "A module"),
    (
        'Error: No value for required variable\n\nThe root module input variable "host" is not set',
        complaints.ConfigurationBroken,
        'the variable "host"',
    ),
    ("Error: Terraform encountered problems during initialisation, including problems\nwith the.\n\nThe", complaints.ConfigurationBroken, "can't be read"),
    ('Error: Backend initialization required, please run "terraform init"', complaints.NotInitialised, "isn't init"),
    ("Error: Error saving state\n\nwrite errored.tfstate: no space left on device", TerraformError, "no room"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "told"), KNOWN)
@pytest.mark.parametrize("framed", [True, False])
def test_each_known_complaint_is_a_sentence_with_a_remedy(
    text: str, kind: type[TerraformError], told: str, *, framed: bool
) -> None:
    text = "╷\n" + "\n".join(f"│ {line}" for line in text.splitlines()) + "\n╵" if framed else f"\n{text}\n"
    error = explain(words(text), PROGRAM, doing="plan")
    assert type(error) is kind
    assert told in error.sentence
    assert error.remedy
    assert error.sentence.endswith(".")
    assert "\n" not in error.sentence


def test_it_is_the_same_told_for_machines() -> None:
    detail = 'Resource module.a["x"].aws_db_instance.b has lifecycle.prevent_destroy set, but the plan calls for this'
    error = explain(
        events({"summary": "Instance cannot be destroyed", "detail": detail}), PROGRAM, doing="plan"
    )
    assert isinstance(error, complaints.DestroyPrevented)
    assert error.addresses == ('module.a["x"].aws_db_instance.b',)


def test_every_instance_that_is_protected_is_named() -> None:
    detail = "Resource a.{} has lifecycle.prevent_destroy set"
    told = [{"summary": "Instance cannot be destroyed", "detail": detail.format(name)} for name in "bc"]
    error = explain(events(*told), PROGRAM, doing="plan")
    assert isinstance(error, complaints.DestroyPrevented)
    assert error.addresses == ("a.b", "a.c")


def test_what_aws_denies_to_a_resource_is_not_taken_for_the_backend_s() -> None:
    told = {
        "summary": "creating EC2 VPC: StatusCode: 403, AccessDenied",
        "address": "aws_vpc.main",
        "detail": "",
    }
    error = explain(events(told), PROGRAM, doing="apply")
    assert type(error) is TerraformError
    assert "(aws_vpc.main)" in error.sentence


def test_of_what_is_not_known_only_the_first_line_is_passed_on() -> None:
    told = {"summary": f"Invalid thing\n{SECRET}", "detail": f"it was {SECRET}", "address": f"a b {SECRET}"}
    error = explain(events(told, told), PROGRAM, doing="plan")
    assert error.sentence == "`terraform plan` failed: Invalid thing, and 1 more."
    assert SECRET not in str(error)


def test_no_detail_is_passed_on_or_shown() -> None:
    completed = words(f"Error: Something\n\nThe value {SECRET} is wrong", f"Error: Else\n\n{SECRET}")
    assert SECRET not in str(explain(completed, PROGRAM, doing="plan"))
    assert SECRET not in repr(diagnostics(completed))


def test_a_password_in_an_address_is_hidden() -> None:
    error = explain(words(f"Error: can't clone https://bob:{SECRET}@host/x"), PROGRAM, doing="init")
    assert "https://***@host/x" in error.sentence


def test_a_warning_is_no_error() -> None:
    found = diagnostics(words("Warning: Old\n\nsomething", "Error: Bad", "thing", "", "more", "Warning: x"))
    assert [each.summary for each in found] == ["Bad thing"]


def test_silence_is_told_by_its_exit_code() -> None:
    assert "ended with exit code 137" in explain(words("", code=137), PROGRAM, doing="apply").sentence


def test_a_lock_that_can_not_be_put_is_not_one_that_is_held() -> None:
    denied = "Error: Error acquiring the state lock\n\nError message: operation error S3: PutObject, StatusCode: 403"
    assert isinstance(explain(words(denied), PROGRAM, doing="apply"), complaints.BackendDenied)
