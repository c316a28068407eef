"""The extra ``oidc``: the way to a sign-in provider can be made."""

from otel_ai_feedback.config import load
from otel_ai_feedback.pages.provider import Provider

provider = Provider(
    load(
        environ={
            "OTEL_AI_FEEDBACK_OIDC_ISSUER": "https://id.example.com",
            "OTEL_AI_FEEDBACK_OIDC_CLIENT_ID": "feedback",
        }
    ),
    "https://feedback.example.com",
    b"a secret of this exercise",
)
assert provider.host == "id.example.com"
