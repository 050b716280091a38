"""The one thing that pyproject.toml cannot say: the kernel of the index is built where there is a compiler, and may fail to."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "beholden.index._scan",
            ["src/beholden/index/_scan.c"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],  # one build for Python 3.11 and all that follow
            py_limited_api=True,
            extra_compile_args=["-O3", "-std=gnu11"],
            optional=True,  # without it faiss scans
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
