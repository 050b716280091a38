"""What every key store must do. Subclass `KeysContract` as `Test…`, and give it keys with the signers log and receipts."""

from __future__ import annotations

import hashlib
import hmac
import threading

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from beholden.errors import BadInput, Fault, KeyDestroyed, Locked
from beholden.ports.keys import Keys


class KeysContract:
    @pytest.fixture
    def keys(self) -> Keys:
        raise NotImplementedError("say in the subclass which keys are tried: a new, empty store")

    def test_what_was_sealed_opens_under_its_name_and_context(self, keys: Keys) -> None:
        keys.create(["face:1"])
        for plain in (b"", b"x", bytes(range(256)) * 100):
            sealed = keys.seal("face:1", plain, "template")
            assert len(sealed) == len(plain) + 28
            assert plain not in sealed or len(plain) < 2
            assert keys.open("face:1", sealed, "template") == plain

    def test_a_new_epoch_has_the_next_number_and_everything_sealed_before_still_opens(self, keys: Keys) -> None:
        keys.create(["a", "b"])
        sealed = keys.seal("a", b"secret", "x")
        needle = keys.destroy(["b"])
        assert keys.begin_epoch() + 1 == keys.begin_epoch()
        assert keys.open("a", sealed, "x") == b"secret"
        assert keys.names() == {"a"}
        assert keys.destroy(["a"]) != needle

    @pytest.mark.parametrize(
        ("recipients", "threshold"), [((), 0), (("age1nobody", "age1else"), 2), (("age1nobody",), 1)]
    )
    def test_custodians_that_cannot_be_change_nothing(
        self, keys: Keys, recipients: tuple[str, ...], threshold: int
    ) -> None:
        keys.create(["a"])
        sealed = keys.seal("a", b"secret", "x")
        first = keys.begin_epoch()
        with pytest.raises(BadInput):
            keys.change_custodians(recipients, threshold)
        assert keys.open("a", sealed, "x") == b"secret"
        assert keys.begin_epoch() == first + 1

    def test_a_note_is_the_last_one_and_nothing_before_there_is_one(self, keys: Keys) -> None:
        assert keys.noted("head") == b""
        keys.note("head", b"1")
        keys.note("head", b"2")
        keys.note("other", b"3")
        assert (keys.noted("head"), keys.noted("other")) == (b"2", b"3")

    def test_sealing_twice_gives_other_bytes(self, keys: Keys) -> None:
        keys.create(["face:1"])
        assert len({keys.seal("face:1", b"the same", "template") for _ in range(50)}) == 50

    def test_many_are_sealed_as_each_would_be_and_none_where_one_key_is_gone(self, keys: Keys) -> None:
        keys.create(["a", "b"])
        items = [("a", b"one", "x"), ("b", b"two", "y"), ("a", b"three", "z")]
        sealed = keys.seal_many(items)
        assert [keys.open(name, one, context) for one, (name, _, context) in zip(sealed, items, strict=True)] == [
            b"one",
            b"two",
            b"three",
        ]
        assert keys.seal_many([]) == []
        keys.destroy(["b"])
        with pytest.raises(KeyDestroyed):
            keys.seal_many(items)

    def test_another_context_or_name_is_a_fault(self, keys: Keys) -> None:
        keys.create(["a", "ab"])
        sealed = keys.seal("a", b"secret", "bc")
        for name, context in (("a", "b"), ("a", ""), ("ab", "c"), ("ab", "bc")):
            with pytest.raises(Fault) as caught:
                keys.open(name, sealed, context)
            assert not isinstance(caught.value, KeyDestroyed)

    def test_any_changed_byte_is_a_fault(self, keys: Keys) -> None:
        keys.create(["a"])
        sealed = keys.seal("a", b"secret", "c")
        changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
        for damaged in (*changed, sealed[:-1], sealed + b"\0", sealed[:27], b""):
            with pytest.raises(Fault) as caught:
                keys.open("a", damaged, "c")
            assert not isinstance(caught.value, KeyDestroyed)

    def test_a_name_that_never_had_a_key_seals_and_opens_nothing(self, keys: Keys) -> None:
        keys.create(["a"])
        with pytest.raises(KeyDestroyed):
            keys.seal("nobody", b"x", "c")
        with pytest.raises(KeyDestroyed):
            keys.open("nobody", keys.seal("a", b"x", "c"), "c")

    def test_a_name_has_one_key_once(self, keys: Keys) -> None:
        keys.create(["a", "b"])
        sealed = keys.seal("a", b"x", "c")
        with pytest.raises(Fault, match="'a'"):
            keys.create(["new", "a"])
        with pytest.raises(Fault, match="'twice'"):
            keys.create(["twice", "twice"])
        assert keys.names() == {"a", "b"}, "all of the names or none"
        assert keys.open("a", sealed, "c") == b"x"

    def test_a_destroyed_name_is_never_used_again(self, keys: Keys) -> None:
        keys.create(["a"])
        keys.destroy(["a"])
        with pytest.raises(Fault, match="'a'"):
            keys.create(["a"])
        keys.purge()
        with pytest.raises(Fault, match="'a'"):
            keys.create(["b", "a"])
        assert keys.names() == set()

    @pytest.mark.parametrize("name", ["", "a\0b", "\0"])
    def test_a_name_that_could_be_taken_for_another_is_refused(self, keys: Keys, name: str) -> None:
        with pytest.raises(Fault):
            keys.create([name])

    def test_names_and_contexts_may_be_of_any_script(self, keys: Keys) -> None:
        keys.create(["visage:é", "顔:1", "x" * 1000])
        assert keys.names() == {"visage:é", "顔:1", "x" * 1000}
        assert keys.open("顔:1", keys.seal("顔:1", b"x", "gabarit é"), "gabarit é") == b"x"

    def test_a_destroyed_key_opens_nothing(self, keys: Keys) -> None:
        keys.create(["a", "b"])
        of_a, of_b = keys.seal("a", b"one", "c"), keys.seal("b", b"two", "c")
        keys.destroy(["a"])
        with pytest.raises(KeyDestroyed):
            keys.open("a", of_a, "c")
        with pytest.raises(KeyDestroyed):
            keys.seal("a", b"x", "c")
        assert keys.open("b", of_b, "c") == b"two"
        assert keys.names() == {"b"}

    def test_destroying_gives_the_wrapped_keys_once(self, keys: Keys) -> None:
        keys.create(["a", "b", "c"])
        needles = keys.destroy(["a", "unknown", "b", "a"])
        assert len(needles) == len(set(needles)) == 2
        assert all(len(needle) >= 16 and any(needle) for needle in needles)
        assert keys.destroy(["a", "b", "unknown"]) == []
        assert keys.destroy([]) == []
        assert keys.names() == {"c"}

    def test_purging_takes_nothing_that_lives(self, keys: Keys) -> None:
        keys.create(["a", "b"])
        sealed = keys.seal("a", b"x", "c")
        keys.destroy(["b"])
        keys.purge()
        keys.purge()
        assert keys.open("a", sealed, "c") == b"x"

    def test_many_open_as_one_does(self, keys: Keys) -> None:
        names = [f"face:{number}" for number in range(300)]
        keys.create(names)
        items = [(name, keys.seal(name, name.encode(), "template")) for name in names]
        keys.destroy(names[::3])
        items.append(("never", items[0][1]))
        items.append(items[1])  # a name may come twice
        expected = [None if at % 3 == 0 else name.encode() for at, name in enumerate(names)]
        assert keys.open_many(items, "template") == [*expected, None, names[1].encode()]
        assert keys.open_many([], "template") == []

    def test_one_damaged_among_many_is_a_fault(self, keys: Keys) -> None:
        keys.create(["a", "b"])
        items = [("a", keys.seal("a", b"x", "c")), ("b", keys.seal("b", b"x", "c")[:-1] + b"\0")]
        items[1] = ("b", items[0][1])
        with pytest.raises(Fault):
            keys.open_many(items, "c")
        with pytest.raises(Fault):
            keys.open_many(items[:1], "another")

    def test_a_mark_is_the_same_for_equal_values_of_one_purpose_alone(self, keys: Keys) -> None:
        mark = keys.hmac("blocks", b"value")
        assert len(mark) == 32
        assert keys.hmac("blocks", b"value") == mark
        assert keys.hmac("blocks", b"valuf") != mark
        assert keys.hmac("images", b"value") != mark
        assert mark not in (hashlib.sha256(b"value").digest(), hmac.digest(b"blocks", b"value", "sha256"))

    def test_marks_and_signers_are_no_records(self, keys: Keys) -> None:
        keys.create(["a"])
        keys.hmac("blocks", b"value")
        keys.sign("log", b"x")
        assert keys.names() == {"a"}
        assert keys.destroy(["blocks", "log", "hmac:blocks", "sign:log"]) == []
        keys.sign("log", b"x")

    def test_a_signature_holds_for_its_signer_and_message_alone(self, keys: Keys) -> None:
        assert len(keys.public("log")) == len(keys.public("receipts")) == 32
        assert keys.public("log") != keys.public("receipts")
        signature = keys.sign("log", b"checkpoint")
        assert len(signature) == 64
        Ed25519PublicKey.from_public_bytes(keys.public("log")).verify(signature, b"checkpoint")
        for signer, message in (("log", b"another"), ("receipts", b"checkpoint")):
            with pytest.raises(InvalidSignature):
                Ed25519PublicKey.from_public_bytes(keys.public(signer)).verify(signature, message)

    def test_an_unknown_signer_is_a_fault_that_names_those_there_are(self, keys: Keys) -> None:
        with pytest.raises(Fault, match=r"'oversight'.*'log', 'receipts'"):
            keys.sign("oversight", b"x")
        with pytest.raises(Fault, match="'oversight'"):
            keys.public("oversight")

    def test_closed_keys_do_nothing_and_close_twice(self, keys: Keys) -> None:
        keys.create(["a"])
        sealed = keys.seal("a", b"x", "c")
        keys.close()
        keys.close()
        for act in (
            lambda: keys.open("a", sealed, "c"),
            lambda: keys.seal("a", b"x", "c"),
            lambda: keys.open_many([("a", sealed)], "c"),
            lambda: keys.create(["b"]),
            lambda: keys.destroy(["a"]),
            lambda: keys.purge(),
            lambda: keys.names(),
            lambda: keys.hmac("blocks", b"x"),
            lambda: keys.sign("log", b"x"),
            lambda: keys.public("log"),
        ):
            with pytest.raises(Locked):
                act()

    def test_threads_that_work_at_once_lose_nothing(self, keys: Keys) -> None:
        faults: list[Exception] = []

        def work(thread: int) -> None:
            try:
                for turn in range(15):
                    name = f"{thread}:{turn}"
                    keys.create([name])
                    sealed = keys.seal(name, name.encode(), "c")
                    assert keys.open(name, sealed, "c") == name.encode()
                    if turn % 2:
                        assert len(keys.destroy([name])) == 1
                    keys.hmac(f"purpose {turn % 3}", b"x")
            except Exception as fault:  # noqa: BLE001 - told below, in the thread that fails the test
                faults.append(fault)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert keys.names() == {f"{thread}:{turn}" for thread in range(4) for turn in range(0, 15, 2)}
