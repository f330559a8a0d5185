"""Thumbnails of real pictures, and of files that are none."""

import base64
import io
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from heavylift import PermanentError, TaskCancelled
from heavylift.context import Progress
from heavylift.testing import FakeContext
from heavylift_tasks import image
from heavylift_tasks.image import Picture, Source, Thumbnail
from heavylift_tasks.settings import image_settings

Configure = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Set variables of the worker that runs the task."""

    def set_variables(**variables: object) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"HEAVYLIFT_IMAGE_{name.upper()}", str(value))
        image_settings.cache_clear()

    image_settings.cache_clear()
    yield set_variables
    image_settings.cache_clear()


def thumbnails(payload: Picture) -> list[Thumbnail]:
    """What the task makes of a payload, where nobody listens to what it says meanwhile."""
    made: list[Thumbnail] = image.thumbnails(payload, FakeContext())
    return made


def photograph(width: int = 1200, height: int = 800, *, kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    """A picture with a bright left half, as the file that a camera would write."""
    picture = Image.new(mode, (width, height), 0)
    picture.paste(Image.new(mode, (width // 2, height), "white"), (0, 0))
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def as_data(file: bytes, *sizes: int, **fields: object) -> Picture:
    """A payload as it comes over HTTP."""
    return Picture.model_validate({"source": {"data": base64.b64encode(file)}, "sizes": list(sizes) or [100]} | fields)


def opened(thumbnail: Thumbnail) -> Image.Image:
    """The file of a copy, as an image viewer would open it."""
    assert thumbnail.data is not None
    return Image.open(io.BytesIO(base64.b64decode(thumbnail.data)))


def pixel(thumbnail: Thumbnail, x: int, y: int) -> tuple[int, ...]:
    """Red, green, blue and opacity at a point of a copy."""
    value = opened(thumbnail).convert("RGBA").getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def test_a_photograph_becomes_one_copy_for_each_width_in_its_proportions() -> None:
    # When three widths are asked for
    copies = thumbnails(as_data(photograph(1200, 800), 600, 300, 75))

    # Then each is there, in order, and its file is what the result says of it
    assert [(copy.width, copy.height) for copy in copies] == [(600, 400), (300, 200), (75, 50)]
    for copy in copies:
        assert opened(copy).size == (copy.width, copy.height)
        assert opened(copy).format == "JPEG"
        assert copy.bytes == len(base64.b64decode(copy.data or ""))


def test_a_copy_shows_what_the_photograph_shows() -> None:
    copy = thumbnails(as_data(photograph(), 100))[0]

    assert min(pixel(copy, 20, 30)) > 240
    assert max(pixel(copy, 80, 30)[:3]) < 15


def test_a_photograph_taken_sideways_stands_upright() -> None:
    # Given a photograph whose EXIF says: turn me a quarter (orientation 6)
    exif = Image.Exif()
    exif[0x0112] = 6

    # When it is made small
    copy = thumbnails(as_data(photograph(1200, 800, exif=exif), 200))[0]

    # Then it is higher than wide, and its bright left is now on top
    assert (copy.width, copy.height) == (200, 300)
    assert min(pixel(copy, 100, 20)) > 240


def test_nothing_is_enlarged() -> None:
    copy = thumbnails(as_data(photograph(120, 80), 4000))[0]

    assert (copy.width, copy.height) == (120, 80)


def test_what_is_see_through_turns_white_where_the_format_has_no_transparency() -> None:
    see_through = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    file = io.BytesIO()
    see_through.save(file, "PNG")

    jpeg, png = (thumbnails(as_data(file.getvalue(), 20, format=name))[0] for name in ("jpeg", "png"))

    assert pixel(jpeg, 5, 5) == (255, 255, 255, 255)
    assert pixel(png, 5, 5)[3] == 0


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_copies_are_written_in_the_format_that_is_asked_for(name: str) -> None:
    assert (opened(thumbnails(as_data(photograph(), 50, format=name))[0]).format or "").lower() == name


def test_a_picture_of_the_folder_gets_its_copies_beside_it(tmp_path: Path, configure: Configure) -> None:
    # Given a folder of pictures
    configure(folder=tmp_path)
    (tmp_path / "summer").mkdir()
    (tmp_path / "summer" / "harbour.jpg").write_bytes(photograph(900, 600))

    # When copies are asked for by path, twice, as after the death of a worker
    wanted = Picture(source=Source(path="summer/harbour.jpg"), sizes=[300, 90])
    first, second = thumbnails(wanted), thumbnails(wanted)

    # Then they are files beside it, the same ones both times, and nothing else is left behind
    assert [copy.path for copy in first] == ["summer/harbour-300.jpeg", "summer/harbour-90.jpeg"]
    assert first == second
    with Image.open(tmp_path / "summer/harbour-300.jpeg") as copy:
        assert copy.size == (300, 200)
    assert sorted(file.name for file in (tmp_path / "summer").iterdir()) == ["harbour-300.jpeg", "harbour-90.jpeg", "harbour.jpg"]


@pytest.mark.parametrize("path", ["../secret.jpg", "/etc/hostname", "link.jpg"])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, configure: Configure, path: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(photograph())
    inside = tmp_path / "pictures"
    inside.mkdir()
    (inside / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    configure(folder=inside)

    with pytest.raises(PermanentError, match="leads out of the folder"):
        thumbnails(Picture(source=Source(path=path), sizes=[10]))


@pytest.mark.parametrize("path", ["nowhere.jpg", "a-folder", "file.txt/x.jpg"])
def test_a_path_without_a_file_ends_the_task_for_good(tmp_path: Path, configure: Configure, path: str) -> None:
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "file.txt").touch()
    configure(folder=tmp_path)

    with pytest.raises(PermanentError, match=f"there is no file '{path}'"):
        thumbnails(Picture(source=Source(path=path), sizes=[10]))


def test_a_worker_without_a_folder_reads_no_files(configure: Configure) -> None:
    with pytest.raises(PermanentError, match="set HEAVYLIFT_IMAGE_FOLDER"):
        thumbnails(Picture(source=Source(path="/etc/hostname"), sizes=[10]))


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "none of JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "none of JPEG"),
        (photograph()[:1500], "cannot be read"),
        (photograph(kind="PNG")[:60], "cannot be read"),
    ],
    ids=["nothing", "svg", "postscript", "half a jpeg", "half a png"],
)
def test_a_file_that_is_no_whole_picture_ends_the_task_for_good(file: bytes, says: str) -> None:
    with pytest.raises(PermanentError, match=says):
        thumbnails(as_data(file))


def test_whatever_a_damaged_file_holds_the_task_ends_in_pictures_or_in_a_permanent_error() -> None:
    dice = random.Random(7)
    for kind in ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"] * 10:
        damaged = bytearray(photograph(64, 48, kind=kind))
        for _ in range(8):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            copies = thumbnails(as_data(bytes(damaged), 16))
        except PermanentError:
            continue
        assert copies[0].width in range(1, 17)


def test_a_small_file_that_unpacks_to_gigabytes_is_turned_away_by_its_header() -> None:
    # Given 20 000 x 20 000 pixels of nothing in a small file, as attackers like to send
    bomb = bytearray(photograph(10, 10, kind="PNG"))
    bomb[16:24] = (20_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")

    # When it is opened, then it is refused before it is unpacked
    with pytest.raises(PermanentError, match="decompression bomb"):
        thumbnails(as_data(bytes(bomb)))


def test_the_number_of_pixels_is_limited_by_the_setting(configure: Configure) -> None:
    configure(max_pixels=1_000_000)

    with pytest.raises(PermanentError, match=r"1200 x 900 pixels; HEAVYLIFT_IMAGE_MAX_PIXELS allows 1,000,000"):
        thumbnails(as_data(photograph(1200, 900)))


@pytest.mark.parametrize(
    "fault",
    [
        {"source": {}},
        {"source": {"path": "a.jpg", "data": "aGk="}},
        {"source": {"data": "not base64!"}},
        {"sizes": []},
        {"sizes": [0]},
        {"sizes": [5000]},
        {"format": "bmp"},
        {"colour": "sepia"},
    ],
    ids=str,
)
def test_a_payload_that_does_not_fit_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Picture.model_validate({"source": {"path": "a.jpg"}, "sizes": [10]} | fault)


def test_it_says_after_each_copy_how_many_are_done() -> None:
    context = FakeContext()

    image.thumbnails(as_data(photograph(), 40, 20), context)

    assert context.progressed == [Progress(0, 2), Progress(1, 2), Progress(2, 2)]


def test_it_makes_no_more_copies_once_it_is_called_off() -> None:
    context = FakeContext()
    context.cancel()

    with pytest.raises(TaskCancelled):
        image.thumbnails(as_data(photograph(), 40, 20), context)

    assert context.progressed == []
