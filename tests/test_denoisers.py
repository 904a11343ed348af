"""Denoisers: the published architectures, the names they go by, and the guess where none is known."""

from dataclasses import fields

import numpy as np
import pytest

from efficiency.denoisers import LARGEST_SIZE_RATIO, denoiser, denoiser_records, denoisers, generic_denoiser
from efficiency.facts import sources

NAN = float("nan")


def test_published_sizes_are_kept_as_published():
    table = {name: (d.layers, d.hidden, d.patch) for name, d in denoisers().items()}
    assert table["wan2.1-t2v-1.3b"] == (30, 1536, 2)  # Diffusers, convert_wan_to_diffusers.py: 12 heads of 128
    assert table["wan2.1"] == (40, 5120, 2)  # the same: 40 heads of 128
    assert table["flux.1"] == (57, 3072, 2)  # convert_flux_to_diffusers.py: 19 double and 38 single blocks
    assert table["pixart"] == (28, 1152, 2)  # convert_pixart_sigma_to_diffusers.py: 16 heads of 72
    assert table["mochi"] == (48, 3072, 2)  # Mochi 1, README
    assert table["ltx"] == (28, 2048, 1)  # transformer_ltx.py: 32 heads of 64
    assert table["sana"] == (20, 2240, 1)  # convert_sana_to_diffusers.py: 70 heads of 32
    wan = denoisers()["wan2.1"]
    assert wan.multiply_adds == 40 * (6 * 5120**2 + 2 * 5120 * 13824)


def test_every_record_has_a_source_and_says_what_was_not_seen():
    for record in denoiser_records().values():
        assert set(record.sources) <= set(sources())
        seen = not record.place.startswith("not seen at the source")
        assert seen == (record.trust != "secondary"), record.key
        assert (record.trust == "own") == (record.kind == "assumed"), record.key


@pytest.mark.parametrize("key", denoisers())
def test_a_denoiser_is_whole(key):
    model = denoisers()[key]
    numbers = [getattr(model, field.name) for field in fields(model) if field.type == "float"]
    assert np.isfinite(numbers).all()
    assert min(numbers) >= 0
    assert not model.generic
    if not model.convolutional:
        # Every weight works on every token, but for modulation, embeddings and the text's own stream.
        assert 0.3 < model.multiply_adds / model.parameters < 1.05


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("black-forest-labs/FLUX.1-schnell", "flux.1"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "sdxl"),
        ("stabilityai/sdxl-turbo", "sdxl"),
        ("prompthero/openjourney-v4", "stable-diffusion-v1"),
        ("WAN2.1-T2V-1.3B-Diffusers", "wan2.1-t2v-1.3b"),
        ("Wan-AI/Wan2.1-T2V-14B-Diffusers", "wan2.1"),
        ("Efficient-Large-Model/SANA1.5_4.8B_1024px_diffusers", "sana1.5-4.8b"),
        ("stabilityai/stable diffusion 3.5 medium", "stable-diffusion-3.5-medium"),
    ],
)
def test_a_name_finds_its_architecture(name, key):
    assert denoiser(name, NAN, False).key == key


def test_a_namesake_of_another_size_is_another_model():
    assert denoiser("FLUX.1-dev", 12e9, False).key == "flux.1"
    assert denoiser("FLUX.1-dev", 12e9 * LARGEST_SIZE_RATIO * 1.01, False).generic
    assert denoiser("LTX-Video-0.9.7-distilled", 2e9, True).key == "ltx", "the smaller one of the name"
    assert denoiser("HunyuanVideo-1.5", 8.3e9, True).generic
    assert denoiser("HunyuanVideo-1.5", NAN, True) is None


def test_nothing_known_is_nothing_said():
    assert denoiser("stable-cascade", NAN, False) is None
    with pytest.raises(ValueError, match="parameters is nan"):
        generic_denoiser(NAN, False)


def test_a_generic_denoiser_has_the_weights_it_was_made_from():
    for size in np.geomspace(1e8, 1e11, 7):
        model = generic_denoiser(float(size), video=True)
        assert 18 * model.layers * model.hidden**2 == pytest.approx(size)
        assert model.multiply_adds < size
    assert generic_denoiser(1e9, True).down_time > generic_denoiser(1e9, False).down_time
