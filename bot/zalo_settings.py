"""The settings of Zalo's two surfaces; what each is for: docs/zalo.md."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode


class ZaloSettings(BaseSettings):
    """The part of an installation's settings that is about Zalo."""

    zalo_bot_token: SecretStr = Field(
        SecretStr(""), description="Token of the Zalo bot; empty: this channel is off"
    )
    zalo_bot_api_url: str = Field(
        "https://bot-api.zaloplatforms.com",
        description="Zalo Bot API, the part before `/bot<token>`",
    )
    zalo_bot_mode: Literal["polling", "webhook"] = Field(
        "polling", description="How the Zalo bot hears: `webhook`, or `polling` for development"
    )
    zalo_bot_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret of the Zalo bot's webhook, 8 to 256 characters"
    )
    zalo_bot_monthly_quota: int = Field(
        3000, ge=0, description="Messages the Zalo bot may send in a month; 0: not counted"
    )
    zalo_bot_rate: float = Field(
        5.0, gt=0, description="Messages the Zalo bot sends in a second, at most"
    )
    zalo_oa_id: str = Field(
        "", pattern=r"^[0-9]*$", description="Id of the Zalo Official Account; empty: it is off"
    )
    zalo_oa_app_id: str = Field(
        "", pattern=r"^[0-9]*$", description="Id of the Zalo app the Official Account agreed to"
    )
    zalo_oa_app_secret: SecretStr = Field(
        SecretStr(""), description="Secret of that app; renews the tokens, signs nothing"
    )
    zalo_oa_webhook_secret: SecretStr = Field(
        SecretStr(""), description="OA secret key of the app's webhook page; checks its signatures"
    )
    zalo_oa_signed_id: Literal["app", "oa"] = Field(
        "app", description="Whose id begins what a webhook signature is made of; papers differ"
    )
    zalo_oa_verifier: str = Field(
        "",
        pattern=r"^[0-9A-Za-z_-]*$",
        description="Token of Zalo's domain check, served as `/zalo_verifier<token>.html`",
    )
    zalo_oa_api_url: str = Field("https://openapi.zalo.me", description="Zalo OA API")
    zalo_oa_oauth_url: str = Field(
        "https://oauth.zaloapp.com", description="Where the tokens of the Zalo OA are renewed"
    )
    zalo_oa_access_token: SecretStr = Field(
        SecretStr(""), description="First access token of the Zalo OA; read only while none is kept"
    )
    zalo_oa_refresh_token: SecretStr = Field(
        SecretStr(""),
        description="First refresh token of the Zalo OA; read only while none is kept",
    )
    zalo_oa_rate: float = Field(
        50.0, gt=0, description="Messages the Zalo OA sends in a second, at most"
    )
    zalo_oa_free_hours: int = Field(
        48,
        ge=0,
        le=168,
        description="Hours after a person's last action in which the OA sends free",
    )
    zalo_oa_paid_hours: int = Field(
        168, ge=0, le=168, description="Hours after which the OA cannot reach a person any more"
    )
    zalo_oa_pay: bool = Field(
        False, description="Whether notices may go to the OA while a message costs money"
    )
    zalo_link: str = Field(
        "", description="Address at which people open us in Zalo; empty: `https://zalo.me/<id>`"
    )
    zalo_photo_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("zdn.vn", "zadn.vn"),
        description="Hosts, comma between, from which (and from below which) photos are fetched",
    )

    @field_validator("zalo_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"([0-9]+:[^\s/?#]+)?", value.get_secret_value()):
            raise ValueError("must be like 123456:secret")
        return value

    @model_validator(mode="after")
    def _whole_channels(self) -> Self:
        """Refuse a channel that lacks what it cannot work without."""
        secret = self.zalo_bot_webhook_secret.get_secret_value()
        called = self.zalo_bot_token.get_secret_value() and self.zalo_bot_mode == "webhook"
        if called and not 8 <= len(secret) <= 256:
            raise ValueError("ZALO_BOT_WEBHOOK_SECRET must have 8 to 256 characters")
        if self.zalo_oa_free_hours > self.zalo_oa_paid_hours:
            raise ValueError("ZALO_OA_FREE_HOURS must not be more than ZALO_OA_PAID_HOURS")
        if self.zalo_oa_id:
            needed = ("zalo_oa_app_id", "zalo_oa_app_secret", "zalo_oa_webhook_secret")
            for name in needed:
                value = getattr(self, name)
                if not (value if isinstance(value, str) else value.get_secret_value()):
                    raise ValueError(f"{name.upper()} is missing, ZALO_OA_ID needs it")
        return self
