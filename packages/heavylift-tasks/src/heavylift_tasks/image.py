"""Pictures: small copies of a photograph, one for each width that is wanted."""

import base64
import io
import struct
from typing import Annotated, BinaryIO, Final, Literal, Self

from PIL import Image, ImageOps, UnidentifiedImageError
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from heavylift import Context, PermanentError, task
from heavylift_tasks.picture_folder import PictureFolder
from heavylift_tasks.settings import image_settings

Format = Literal["jpeg", "png", "webp"]
Width = Annotated[int, Field(ge=1, le=4096)]

#: What is opened. Pillow knows dozens more, some of which start other programs (EPS starts Ghostscript).
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")

#: What Pillow raises for a file that is damaged, cut off, or lies about itself.
_DAMAGE: Final = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning)


class Source(BaseModel):
    """Where the picture is: its path or its data, one of the two."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1})

    path: str | None = Field(
        None, pattern=r"^[^\x00]+$", description="Path in the worker's folder of pictures, HEAVYLIFT_IMAGE_FOLDER."
    )
    data: Base64Bytes | None = Field(None, description="The file itself in base64: for small pictures, as it is kept in Redis.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.path is None) == (self.data is None):
            raise ValueError("give path or data, one of the two")
        return self


class Picture(BaseModel):
    """A picture, and the copies that are wanted of it."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    sizes: list[Width] = Field(min_length=1, max_length=8, description="Widths in pixels; heights follow from the proportions.")
    format: Format = Field("jpeg", description="What the copies are written as.")


class Thumbnail(BaseModel):
    """A copy. It is where its source was: at a path of the folder, or here as data."""

    width: int
    height: int
    bytes: int = Field(description="Size of the file.")
    path: str | None = Field(None, description="Path in the worker's folder of pictures.")
    data: str | None = Field(None, description="The file in base64.")


@task(timeout=300)
def thumbnails(payload: Picture, context: Context) -> list[Thumbnail]:
    """Make small copies of a picture, one for each width: upright, in proportion, never larger than the picture itself."""
    settings = image_settings()
    folder = PictureFolder(settings.folder)
    with _opened(payload.source, folder) as file:
        picture = _decoded(file, settings.max_pixels)
    copies: list[Thumbnail] = []
    for width in payload.sizes:
        context.raise_if_cancelled()
        context.progress(len(copies), len(payload.sizes))
        copies.append(_kept(_shrunk(picture, width), payload, folder))
    context.progress(len(copies), len(payload.sizes))
    return copies


def _opened(source: Source, folder: PictureFolder) -> BinaryIO:
    return io.BytesIO(source.data) if source.data is not None else folder.open(source.path or "")


def _decoded(file: BinaryIO, max_pixels: int) -> Image.Image:
    try:
        with Image.open(file, formats=_FORMATS) as picture:
            _check_size(picture, max_pixels)
            return _plain(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        raise PermanentError(f"the picture is none of {', '.join(_FORMATS)}, or its beginning is damaged") from None
    except _DAMAGE as error:
        raise PermanentError(f"the picture cannot be read: {error}") from error


def _check_size(picture: Image.Image, max_pixels: int) -> None:
    """Only the header has been read so far: this is where a small file that unpacks to gigabytes is turned away."""
    if picture.width * picture.height > max_pixels:
        raise PermanentError(
            f"the picture has {picture.width} x {picture.height} pixels; HEAVYLIFT_IMAGE_MAX_PIXELS allows {max_pixels:,}"
        )


def _plain(picture: Image.Image) -> Image.Image:
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _shrunk(picture: Image.Image, width: int) -> Image.Image:
    width = min(width, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _kept(copy: Image.Image, wanted: Picture, folder: PictureFolder) -> Thumbnail:
    data = _encoded(copy, wanted.format)
    seen = {"width": copy.width, "height": copy.height, "bytes": len(data)}
    if wanted.source.path is not None:
        return Thumbnail(**seen, path=folder.write_beside(wanted.source.path, f"-{copy.width}.{wanted.format}", data))
    return Thumbnail(**seen, data=base64.b64encode(data).decode())


def _encoded(copy: Image.Image, target: Format) -> bytes:
    file = io.BytesIO()
    opaque = _on_white(copy) if target == "jpeg" and copy.mode == "RGBA" else copy
    opaque.save(file, target, optimize=True, quality=85)
    return file.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """JPEG knows no transparency; what was see-through would otherwise turn black."""
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
