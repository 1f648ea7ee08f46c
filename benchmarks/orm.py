"""The entities of the usual bot: what people write when they follow the tutorials of the ORM."""

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """All tables of the usual bot."""


class User(Base):
    """A person, known by the number Telegram gives."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(8))
    declarations: Mapped[list["Declaration"]] = relationship(back_populates="user", lazy="selectin")


class Declaration(Base):
    """A draft with its answers."""

    __tablename__ = "declarations"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    user: Mapped[User] = relationship(back_populates="declarations")
    answers: Mapped[list["Answer"]] = relationship(back_populates="declaration", lazy="selectin")


class Answer(Base):
    """One answer of a declaration."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("declaration_id", "criterion"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declarations.id"))
    criterion: Mapped[str] = mapped_column(String(8))
    option: Mapped[int]
    declaration: Mapped[Declaration] = relationship(back_populates="answers")
