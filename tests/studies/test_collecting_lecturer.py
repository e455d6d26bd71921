r"""The lecturer's page, and observers who withdraw: in headless Chromium, on a server of its own."""

import sqlite3

import pytest

from dnt_core.studies.perceptual_study.responses import read_responses
from tests.live.widget_stage import free_port
from tests.serving.page_process import code_in
from tests.studies.study_clips import make_study
from tests.studies.study_page import agree, answer, go_on, open_page, study_server, wait_for_group

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lecture")
    make_study(folder / "clips")
    with study_server(folder, free_port()) as server:
        server.answers = folder / "answers.sqlite"
        yield server


def rows(study, table: str) -> int:
    with sqlite3.connect(study.answers) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def through(observer, study):
    r"""A whole session without looking; the page, and the random name that it tells."""
    page, complaints = open_page(observer, study.url)
    agree(page)
    for title in ("Group 1 of 2", "Group 2 of 2", "Thank you"):
        go_on(page, title)
    said = page.get_by_text("Your random name is").inner_text()
    return page, complaints, said.split()[4].rstrip(".")


def test_an_observer_withdraws_and_nothing_is_left(study, observer):
    page, complaints, name = through(observer, study)
    assert rows(study, "answers") == 3
    page.get_by_role("button", name="Withdraw from the study").click()
    page.get_by_role("button", name="Keep them").click()
    assert page.get_by_role("dialog").count() == 0 and rows(study, "answers") == 3
    page.get_by_role("button", name="Withdraw from the study").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # is "no"
    assert page.get_by_role("dialog").count() == 0 and rows(study, "answers") == 3
    page.get_by_role("button", name="Withdraw from the study").click()
    page.get_by_role("button", name="Delete my answers").click()
    page.get_by_role("heading", name="You have withdrawn").wait_for()
    assert rows(study, "answers") == rows(study, "observers") == 0
    left = b"".join(path.read_bytes() for path in study.answers.parent.glob("answers.sqlite*"))
    assert name.encode() not in left, "overwritten, not only forgotten"
    page.reload()
    page.get_by_role("button", name="I agree, begin").wait_for()
    assert complaints == []


def test_in_the_middle_it_is_possible_too_and_a_late_answer_is_not_stored(study, observer):
    page, _ = open_page(observer, study.url)
    agree(page)
    answer(page)
    wait_for_group(page, "Group 1 of 2")
    other, _ = open_page(observer, study.url)  # the same observer's second tab
    other.get_by_role("button", name="Withdraw from the study").click()
    other.get_by_role("button", name="Delete my answers").click()
    other.get_by_role("heading", name="You have withdrawn").wait_for()
    page.locator(".waits").wait_for(state="hidden")
    answer(page)
    page.get_by_role("button", name="I agree, begin").wait_for()
    assert rows(study, "answers") == rows(study, "observers") == 0


def test_the_lecturer_sees_how_far_it_is_exports_and_deletes(study, observer, chromium, tmp_path):
    page, _, name = through(observer, study)
    lecturer = chromium.new_context(viewport={"width": 1100, "height": 900}, accept_downloads=True)
    mine, complaints = open_page(lecturer, f"{study.url}lecturer#{code_in(study.lines)}")
    mine.get_by_text("1 observer, 1 through, 2 orders").wait_for()
    assert mine.locator("tbody tr").all_inner_texts() == [f"{name}\t2 of 2"]
    assert study.url in mine.locator(".places").inner_text()
    assert mine.get_by_role("img", name="QR code of http").is_visible()
    with mine.expect_download() as waiting:
        mine.get_by_role("button", name="Save the answers as CSV").click()
    waiting.value.save_as(tmp_path / "answers.csv")
    assert set(read_responses(tmp_path / "answers.csv")["observer"]) == {name}
    assert complaints == []
    row = mine.locator("tbody tr").element_handle()
    lecturer.set_offline(True)
    mine.get_by_role("button", name="Save the answers as CSV").click()
    silent = mine.get_by_text("The study does not answer")
    silent.wait_for()
    lecturer.set_offline(False)
    silent.wait_for(state="hidden")  # numbers came again, and a name that is being copied stays chosen
    assert mine.locator("tbody tr").count() == 1 and row.evaluate("row => row.isConnected")
    complaints.clear()
    questions = []
    mine.on("dialog", lambda dialog: (questions.append(dialog.message), dialog.accept()))
    mine.get_by_label("Random name").fill(name)
    mine.get_by_role("button", name="Delete this observer's answers").click()
    mine.get_by_text(f"{name} and all answers of this observer are deleted.").wait_for()
    mine.get_by_text("0 observers, 0 through, 0 orders").wait_for()
    assert name in questions[0] and rows(study, "observers") == 0
    mine.get_by_role("button", name="Save the answers as CSV").click()
    mine.get_by_text("no group has been answered yet").wait_for()
    assert complaints == []
    lecturer.close()


def test_the_lecturers_page_without_its_code_shows_nothing(study, observer):
    page, _ = open_page(observer, f"{study.url}lecturer")
    page.get_by_label("Code").wait_for()
    said = page.locator("body").inner_text()
    assert "observer" not in said and "p-" not in said


#: What a screen reader calls every control, and the one that has the focus.
NAME = """(e) => (e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent || "").trim()"""
NAMES = f"""() => Array.from(
  document.querySelectorAll("button, input, [tabindex='0'], progress, [role=img]")
).filter((e) => e.checkVisibility()).map({NAME})"""
FOCUSED = f"({NAME})(document.activeElement)"


def test_every_control_has_a_name_and_is_reached_by_the_keyboard(study, observer):
    page, _ = open_page(observer, study.url)
    assert all(page.evaluate(NAMES))
    agree(page)
    names = page.evaluate(NAMES)
    assert len(names) > 15 and all(names)
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
    for wanted in ("Sound of clip A", "Clip B, place", "Withdraw from the study", "The order is right"):
        assert any(wanted in name for name in reached), wanted
    before = page.get_by_role("status").inner_text()
    page.locator(".card").first.focus()
    page.keyboard.press("ArrowRight")
    assert "is now at place 2 of 4" in page.get_by_role("status").inner_text() != before
    mine, _ = open_page(observer, f"{study.url}lecturer#{code_in(study.lines)}")
    mine.get_by_role("img", name="QR code").wait_for()
    assert all(mine.evaluate(NAMES))
