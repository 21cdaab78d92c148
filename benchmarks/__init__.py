"""Measurements, as ratios against a limit taken in the same run. They print; they assert nothing.

The machine is shared and noisy, so a time by itself says little: each figure stands beside what the machine could do
at that moment. `make bench` runs all; `python -m benchmarks cycle` one.
"""
