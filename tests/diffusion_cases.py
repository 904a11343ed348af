"""Published images, videos and training runs, as their authors measured them, to test predictions against."""

H100, A100, B200 = "NVIDIA H100 80GB HBM3 (SXM)", "NVIDIA A100-SXM4-40GB", "NVIDIA B200 (SXM)"
COLUMNS = ("model", "gpu", "n_gpus", "batch", "steps", "height", "width", "frames", "latency_s", "avg_power_w", "value")
# ML.ENERGY leaderboard, version 3 (files of commit 0cd52da) and version 2 (c3af7f3): energy per image or video.
MEASURED = (
    ("black-forest-labs/FLUX.1-dev", H100, 1, 4, 50, 1024, 1024, None, 44.811, 689.839, 7728.09),
    ("PixArt-alpha/PixArt-Sigma-XL-2-1024-MS", H100, 1, 8, 20, 1024, 1024, None, 8.2465, 671.646, 692.343),
    ("stabilityai/stable-diffusion-xl-base-1.0", A100, 1, 4, 25, 1024, 1024, None, 10.596, 388.456, 1028.98),
    ("kandinsky-community/kandinsky-2-2-decoder", A100, 1, 32, 25, 512, 512, None, 13.999, 372.791, 163.08),
    ("Wan-AI/Wan2.1-T2V-14B-Diffusers", B200, 8, 4, 50, 480, 832, 81, 230.38, 7111.36, 409586.0),
    ("zai-org/CogVideoX1.5-5B", H100, 4, 4, 50, 768, 1360, 81, 580.68, 2477.73, 359690.0),
)


def rows() -> list[dict[str, object]]:
    """Give the published rows as tables have them."""
    told = [dict(zip(COLUMNS, row, strict=True)) for row in MEASURED]
    for row in told:
        kind = "image" if row["frames"] is None else "video"
        row |= {"metric": f"energy_per_{kind}", "unit": f"J/{kind}", "scope": "gpu"}
    return told
