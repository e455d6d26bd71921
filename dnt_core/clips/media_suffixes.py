r"""Names of films, of sounds, and of what lies beside them."""

from __future__ import annotations

from pathlib import Path

VIDEO_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .qt .mkv .webm .avi .flv .f4v .ts .mts .m2ts .m2t .mpg .mpeg .mpe .m1v .m2v .vob .mod "
    ".tod .wmv .asf .3gp .3g2 .ogv .ogm .mxf .dv .nut .mjpeg .mjpg .y4m .ivf .divx .xvid .amv .rm .rmvb "
    ".wtv .gif .apng .h264 .264 .avc .hevc .h265 .265 .av1 .obu .insv .lrv .360 .gxf .mj2 .ismv".split()
)
SOUND_SUFFIXES = frozenset(
    ".m4a .wav .aac .mp3 .flac .ogg .oga .opus .spx .wma .aif .aiff .aifc .caf .ac3 .eac3 .dts .amr .mka "
    ".weba .mp2 .mp1 .au .snd .w64 .rf64 .wv .ape .tta .m4b .m4r .qta .adts .3ga .voc .gsm .dsf".split()
)
PICTURE_SUFFIXES = frozenset(".jpg .jpeg .png .bmp .tif .tiff .webp".split())
# beside clips: transcripts, tables, caches, pictures, archives; not spoken of
OTHER_SUFFIXES = PICTURE_SUFFIXES | frozenset(
    ".txt .json .csv .tsv .xml .yaml .yml .md .pdf .npz .npy .mat .pkl .pt .h5 .safetensors .srt .vtt "
    ".ass .lab .textgrid .thm .zip .tar .gz .tgz .7z .rar .log "
    ".html .py .ini .db .obj .ply .part .tmp .bak".split()
)


def is_picture(path: Path) -> bool:
    r"""By its name, hidden files (``._1.png``) left out."""
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def of_pictures(folder: Path) -> str:
    r"""What to add where a folder of a film's frames stands in the film's place; "" for other folders."""
    found = any(map(is_picture, folder.iterdir()))
    return f" of pictures; write the film first: dnt data convert {folder} OUT.mp4 --fps 30" if found else ""
