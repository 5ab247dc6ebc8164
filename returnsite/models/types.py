"""Column types shared by all models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column


class UTCDateTime(TypeDecorator[datetime]):
    """Aware UTC on both databases; SQLite itself would drop the zone silently."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


JSONDict = JSON().with_variant(JSONB(), "postgresql")

# SQLite only autoincrements INTEGER primary keys; PostgreSQL gets 64 bit.
BigInt = BigInteger().with_variant(Integer(), "sqlite")

Pk = Annotated[int, mapped_column(BigInt, primary_key=True)]
Minor = Annotated[int, mapped_column(BigInteger, default=0)]
Short = Annotated[str, mapped_column(String(64))]
Text200 = Annotated[str, mapped_column(String(200))]
Json = Annotated[dict[str, Any], mapped_column(JSONDict, default=dict)]
JsonList = Annotated[list[Any], mapped_column(JSONDict, default=list)]
Moment = Annotated[datetime, mapped_column(UTCDateTime)]
