"""The interval of a share. A pure function of counts."""

from math import sqrt


def wilson(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Both ends, in [0, 1], of the share that `part` of `whole` shows: 95 % at the z of a normal distribution (Wilson
    1927, J. of the American Statistical Association 22). It holds for few, and where it is none or all, which the usual
    one does not.

    Args:
        whole: at least one.
    """
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return (middle - half if part else 0.0), (middle + half if part < whole else 1.0)
