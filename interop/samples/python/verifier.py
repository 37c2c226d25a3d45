"""The management interface of a verifier service: what the shop asks of it."""

import time
import uuid

import jwt
import requests

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Verifier:
    def __init__(self, *, url: str, tenant: str, issuers: list[str], client: str, key: dict):
        self._url = url
        self._tenant = tenant
        self._issuers = issuers
        self._client = client
        self._key = jwt.PyJWK(key, algorithm="ES256")
        self._token = ""
        self._expires = 0.0

    def ask_for_age(self, return_to: str) -> tuple[str, str]:
        """Opens a request: a resident certificate that says "18 or over", and nothing else of it.

        Returns the name of the request and the page that the visitor is sent to.
        """
        query = {
            "credentials": [
                {
                    "id": "resident",
                    "format": "dc+sd-jwt",
                    "meta": {"vct_values": ["urn:sinpyo:credential:ResidentCredential"]},
                    "claims": [{"path": ["age_over_18"], "values": [True]}],
                }
            ]
        }
        answer = self._post(
            "/requests",
            {
                "query": query,
                "purpose": {"ko": "주류 구매를 위한 나이 확인", "en": "age check for buying alcohol"},
                "mode": "same_device",
                "trust": {"issuers": self._issuers},
                "return_to": return_to,
            },
        )
        answer.raise_for_status()
        opened = answer.json()
        return opened["id"], opened["page"]

    def is_of_age(self, request: str, response_code: str) -> bool:
        """Fetches the result, which is given once, to whoever has the code that the visitor's browser brought back."""
        answer = self._post(f"/requests/{request}/result", {"response_code": response_code})
        if answer.status_code != 200:
            return False
        shown = answer.json()["credentials"].get("resident", [])
        return len(shown) == 1 and shown[0]["claims"].get("age_over_18") is True

    def _post(self, path: str, body: dict) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._access_token()}", "Idempotency-Key": str(uuid.uuid4())}
        return requests.post(f"{self._url}/manage/{self._tenant}{path}", json=body, headers=headers, timeout=10)

    def _access_token(self) -> str:
        """A token of 15 minutes, fetched anew a minute before it ends."""
        if time.time() < self._expires - 60:
            return self._token
        endpoint = f"{self._url}/manage/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": self._assertion(endpoint),
        }
        answer = requests.post(endpoint, data=form, timeout=10)
        answer.raise_for_status()
        granted = answer.json()
        self._token = granted["access_token"]
        self._expires = time.time() + granted["expires_in"]
        return self._token

    def _assertion(self, endpoint: str) -> str:
        """A signed statement of who asks, used once (private_key_jwt, RFC 7523)."""
        now = int(time.time())
        claims = {
            "iss": self._client,
            "sub": self._client,
            "aud": endpoint,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 60,
        }
        return jwt.encode(claims, self._key, algorithm="ES256")
