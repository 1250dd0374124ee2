"""Statistics of every full window, computed anew for each in 80 bits relative to a row of its own: what peers and we
are held against where a peer loses digits. NaN before the first full window."""

import numpy as np


def deviations(column, n: int):
    """x - mean x of each window; a window of equal rows has none at all."""
    if len(column) < n:
        return np.zeros((0, n), np.longdouble)
    windows = np.lib.stride_tricks.sliding_window_view(column.astype(np.longdouble), n)
    windows = windows - windows[:, :1]
    return windows - windows.mean(axis=1, keepdims=True)


def column_of(values, rows: int):
    """The values of the last rows in a column, NaN before."""
    return np.concatenate((np.full(rows - len(values), np.nan), values.astype(float)))


def ratio(a, b, empty=0):
    """a / b, and `empty` where b is 0."""
    return np.where(b == 0, empty, a / np.where(b == 0, 1, b))


def skew(column, n: int):
    d = deviations(column, n)
    value = ratio((d ** 3).mean(axis=1), (d ** 2).mean(axis=1) ** 1.5)
    return column_of(np.sqrt(np.longdouble(n * (n - 1))) / (n - 2) * value, len(column))


def kurt(column, n: int):
    d = deviations(column, n)
    m2 = (d ** 2).mean(axis=1)
    value = ((n + 1) * ratio((d ** 4).mean(axis=1), m2 ** 2) - 3 * (n - 1)) * (n - 1) / ((n - 2) * (n - 3))
    return column_of(np.where(m2 == 0, -3, value), len(column))


def mad(column, n: int):
    return column_of(np.abs(deviations(column, n)).mean(axis=1), len(column))


def stddev(column, n: int):
    return column_of(np.sqrt((deviations(column, n) ** 2).mean(axis=1)), len(column))


def zscore(column, n: int):
    d = deviations(column, n)
    return column_of(ratio(d[:, -1], np.sqrt((d ** 2).mean(axis=1))), len(column))


def cov(x, y, n: int, ddof: int = 0):
    return column_of((deviations(x, n) * deviations(y, n)).sum(axis=1) / (n - ddof), len(x))


def corr(x, y, n: int):
    a, b = deviations(x, n), deviations(y, n)
    return column_of(ratio((a * b).sum(axis=1), np.sqrt((a ** 2).sum(axis=1)) * np.sqrt((b ** 2).sum(axis=1))), len(x))


def autocorr(column, n: int, lag: int):
    return column_of(corr(column[lag:], column[:-lag], n), len(column))


def slope(column, n: int):
    place = np.arange(n) - np.longdouble(n - 1) / 2
    return (deviations(column, n) * place).sum(axis=1) / (place ** 2).sum()


def line(column, n: int, ahead: int):
    """The least-squares line's value so many rows after the newest."""
    if len(column) < n:
        return np.full(len(column), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(column.astype(np.longdouble), n)
    mean = windows[:, 0] + (windows - windows[:, :1]).mean(axis=1)
    return column_of(mean + slope(column, n) * (np.longdouble(n - 1) / 2 + ahead), len(column))


def rsquare(column, n: int):
    return corr(column, np.arange(len(column)), n) ** 2


def returns(column):
    """Of the second row on; 0 after a 0."""
    column = column.astype(np.longdouble)
    return ratio(column[1:] - column[:-1], column[:-1])


def beta(x, y, n: int):
    a, b = deviations(returns(x), n), deviations(returns(y), n)
    return column_of(ratio((a * b).sum(axis=1), (a ** 2).sum(axis=1)), len(x))
