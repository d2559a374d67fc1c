"""S3 that asks whose bucket it is, which moto doesn't.

Source: S3 API reference, ``x-amz-expected-bucket-owner``: if the account ID doesn't match the actual owner of the bucket,
the request fails with the HTTP status code 403 Forbidden (access denied).
"""

from __future__ import annotations

from typing import Any, Final

from rehearsal.aws.moto_parts import AccessDenied, MissingBucket, S3Response

EXPECTED_OWNER: Final = "x-amz-expected-bucket-owner"


class OwnedS3Response(S3Response):  # type: ignore[misc]
    """moto's S3 responses, which refuse a bucket of another account than the caller expects."""

    def _bucket_response(self, request: Any, full_url: str) -> Any:
        self._must_be_expected(request)
        return super()._bucket_response(request, full_url)

    def _key_response(self, request: Any, full_url: str) -> Any:
        self._must_be_expected(request)
        return super()._key_response(request, full_url)

    def _must_be_expected(self, request: Any) -> None:
        expected = request.headers.get(EXPECTED_OWNER)
        if not expected:
            return
        try:
            bucket = self.backend.get_bucket(self.bucket_name)
        except MissingBucket:
            return  # the operation says so in its own way
        if bucket.account_id != expected:
            raise AccessDenied
