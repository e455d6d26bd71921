r"""Text, JSON, arrays and notebooks from others: what is wrong with one is a sentence with its name."""

import json

import numpy as np
import pytest
import torch

from dnt_core.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.networks.user_checkpoint import read_state_dict
from dnt_core.plain_files import csv_rows, read_arrays, read_cells, read_json, read_text
from dnt_core.tracking.labels import Label, read_labels
from dnt_core.tracking.registry import read_track
from dnt_core.workbook.metrics import load_bands
from dnt_core.workbook.notebook_lint import notebook_problems, read_notebook
from dnt_core.workbook.notebook_pairs import pair_problems, sync_pair
from tests.repo.tiny_notebooks import build


def test_text_with_a_byte_order_mark_and_foreign_line_ends(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffä\r\nb\rc\n".encode())
    assert read_text(path) == "ä\nb\nc\n"
    path.write_bytes(b"a\nb\xff\n")
    with pytest.raises(ValueError, match=r"a\.txt, line 2: no text in UTF-8"):
        read_text(path)


def test_a_whole_file_is_read_again_after_pythons_error_of_two_threads(tmp_path, monkeypatch):
    path, load, errors = tmp_path / "a.npz", np.load, []
    np.savez(path, a=np.arange(3))

    def disturbed(*args, **options):
        if len(errors) < 2:
            errors.append(SystemError("AST constructor recursion depth mismatch (before=66, after=62)"))
            raise errors[-1]
        return load(*args, **options)

    monkeypatch.setattr("dnt_core.plain_files.np.load", disturbed)
    assert read_arrays(path)["a"].tolist() == [0, 1, 2] and len(errors) == 2

    def always(*args, **options):
        raise SystemError("another one")

    monkeypatch.setattr("dnt_core.plain_files.np.load", always)
    with pytest.raises(ValueError, match="a.npz is not a whole NPZ file without pickle: another one"):
        read_arrays(path)


@pytest.mark.parametrize("text", ["", "{", "[1]", "nul", "[" * 100_000])
def test_json_that_is_none_or_of_another_kind(tmp_path, text):
    path = tmp_path / "bands.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"bands\.json"):
        read_json(path)
    with pytest.raises(ValueError, match=r"bands\.json"):
        load_bands(path, "quick")


def damaged_arrays(folder):
    r"""Files of each way in which numpy's readers raise something that is no ValueError."""
    path = folder / "good.npz"
    np.savez(path, parameters=np.zeros((4, 257)), cell=np.zeros(4))
    data = path.read_bytes()
    bad_sum, bad_head = bytearray(data), bytearray(data)
    bad_sum[3000] ^= 1
    bad_head[0] ^= 255  # of the first member, not of the archive's end
    yield "sum", bytes(bad_sum)
    yield "head", bytes(bad_head)
    yield "cut", data[:500]
    yield "nothing", b"PK\x03\x04"
    one = folder / "one.npy"
    np.save(one, np.zeros(4))
    yield "header", one.read_bytes().replace(b"'shape': (4,)", b"'shape': (4, ", 1)


def test_damaged_arrays_are_said(tmp_path):
    for name, data in damaged_arrays(tmp_path):
        path = tmp_path / f"{name}_wm3dr.npz"
        path.write_bytes(data)
        for read in (read_arrays, lambda p: read_track([p], "wm3dr"), lambda p: read_track([p], "deca")):
            with pytest.raises(ValueError, match=path.name):
                read(path)


def test_a_damaged_header_of_a_pickled_npy_is_said(tmp_path):
    path = tmp_path / "vid_coeff.npy"
    np.save(path, {"coeff": np.zeros((4, 257))}, allow_pickle=True)
    path.write_bytes(path.read_bytes().replace(b"'shape': ()", b"'shape': ( ", 1))
    with pytest.raises(ValueError, match=r"vid_coeff\.npy"):
        read_track([path], "geneface")


def test_labels_in_another_encoding_are_said(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes("file,actor,expression,level,number\nä.mp4,me,happy,1,1\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"labels\.csv, line 2"):
        read_labels(path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "x = 1", '{"cells": 3, "nbformat": 4}', '{"nbformat": 1}']
)
def test_what_is_no_notebook_is_said(tmp_path, content):
    path = build(tmp_path / "01_x.ipynb", "x = 1", pair=True)
    path.write_text(content)
    for read in (read_notebook, notebook_problems, pair_problems, sync_pair):
        with pytest.raises(ValueError, match=r"01_x\.ipynb is not a notebook"):
            read(path)
    assert path.read_text() == content


def test_parameters_that_are_no_python_are_a_problem(tmp_path):
    path = build(tmp_path / "01_x.ipynb", "x = 1")
    held = json.loads(path.read_text())
    held["cells"][1]["source"] = "x = ("
    path.write_text(json.dumps(held))
    assert any("no Python" in problem for problem in notebook_problems(path))


def test_damaged_checkpoints_are_said(tmp_path):
    path = write_checkpoint(tmp_path / "w.safetensors", network=torch.nn.Linear(2, 2))
    data = path.read_bytes()
    assert data.count(b"network.weight") == 2  # in the notes and in the table of tensors
    path.write_bytes(data.replace(b"network.weight", b"network.w_ight", 1))
    with pytest.raises(ValueError, match=r"w\.safetensors"):
        read_checkpoint(path)
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "w.pth")
    data = (tmp_path / "w.pth").read_bytes()
    at = data.rindex(b"PK\x05\x06")
    for change in range(4, 20):
        damaged = bytearray(data)
        damaged[at + change] ^= 0x40
        (tmp_path / "w.pth").write_bytes(damaged)
        try:
            read_state_dict(tmp_path / "w.pth", "network")
        except ValueError as error:
            assert "w.pth" in str(error)


@pytest.mark.parametrize(
    "text, rows, decimal_commas",
    [
        ("a,b\n1,2\n", [(1, ["a", "b"]), (2, ["1", "2"])], False),
        ("a;b\n1,5;2\n", [(1, ["a", "b"]), (2, ["1,5", "2"])], True),
        ("0,1;0,2\n", [(1, ["0,1", "0,2"])], True),  # numbers alone, with decimal commas
        ("1,2,3\n", [(1, ["1", "2", "3"])], False),
        ("a\tb\n\n1,5\t2\n", [(1, ["a", "b"]), (2, []), (3, ["1,5", "2"])], True),
        ("a,what; if any\n1,x;y\n", [(1, ["a", "what; if any"]), (2, ["1", "x;y"])], False),
        ("sep=|\na|b\n", [(2, ["a", "b"])], True),
        ('\n"a, b";c\n', [(1, []), (2, ["a, b", "c"])], True),
        ('a,b\n"two\nlines",2\n', [(1, ["a", "b"]), (3, ["two\nlines", "2"])], False),
        ("", [], False),
    ],
)
def test_one_rule_says_what_separates_the_cells_of_a_table(text, rows, decimal_commas):
    held = csv_rows(text, "t.csv")
    assert (held.rows, held.decimal_commas) == (rows, decimal_commas)


def test_a_table_that_is_none_names_the_line(tmp_path):
    (tmp_path / "t.csv").write_text('sep=;\na;b\n1;"2\n')
    with pytest.raises(ValueError, match=r"t\.csv, line 3: no CSV: unexpected end of data"):
        read_cells(tmp_path / "t.csv")


def test_a_spreadsheets_table_of_labels_or_clips_is_read_as_one_of_answers_is(tmp_path):
    path = tmp_path / "labels.csv"
    for text in (
        "file;actor;expression;level;number\na,b.mp4;ann;happy;1,5;3\n",
        "sep=\t\nfile\tactor\texpression\tlevel\tnumber\na,b.mp4\tann\thappy\t1,5\t3\n",
    ):
        path.write_text(text)
        assert read_labels(path) == {"a,b.mp4": Label("ann", "happy", 1.5, 3)}
