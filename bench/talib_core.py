"""TA-Lib's C core, called without the Python package's shell: columns in, columns made once out."""

import ctypes
import pathlib

import numpy as np
import talib
from talib import abstract

OHLC, HLC, HL, HLCV = ("open", "high", "low", "close"), ("high", "low", "close"), ("high", "low"), ("high", "low", "close", "volume")
CLOSE = ("close",)

# Formula -> function, columns, options as C has them (a float is a double there).
EIGHT = {
    "sma(close, 20)": ("SMA", CLOSE, 20),
    "ema(close, 20)": ("EMA", CLOSE, 20),
    "rsi(close, 14)": ("RSI", CLOSE, 14),
    "macd(close, 12, 26, 9)": ("MACD", CLOSE, 12, 26, 9),
    "atr(14)": ("ATR", HLC, 14),
    "bbands(close, 20, 2)": ("BBANDS", CLOSE, 20, 2.0, 2.0, 0),
    "stoch(14, 3, 3)": ("STOCH", HLC, 14, 3, 0, 3, 0),
    "adx(14)": ("ADX", HLC, 14),
}
OTHERS = {
    "wma(close, 20)": ("WMA", CLOSE, 20),
    "dema(close, 20)": ("DEMA", CLOSE, 20),
    "tema(close, 20)": ("TEMA", CLOSE, 20),
    "trima(close, 20)": ("TRIMA", CLOSE, 20),
    "kama(close, 30)": ("KAMA", CLOSE, 30),
    "rma(close, 14)": ("RMA", CLOSE, 14),
    "hma(close, 16)": ("HMA", CLOSE, 16),
    "vwma(close, 20)": ("VWMA", ("close", "volume"), 20),
    "ppo(close, 12, 26)": ("PPO", CLOSE, 12, 26, 0),
    "apo(close, 12, 26)": ("APO", CLOSE, 12, 26, 0),
    "stochf(14, 3)": ("STOCHF", HLC, 14, 3, 0),
    "stochrsi(close, 14, 5, 3)": ("STOCHRSI", CLOSE, 14, 5, 3, 0),
    "cci(14)": ("CCI", HLC, 14),
    "mfi(14)": ("MFI", HLCV, 14),
    "roc(close, 10)": ("ROC", CLOSE, 10),
    "rocr(close, 10)": ("ROCR", CLOSE, 10),
    "mom(close, 10)": ("MOM", CLOSE, 10),
    "willr(14)": ("WILLR", HLC, 14),
    "aroonosc(14)": ("AROONOSC", HL, 14),
    "adxr(14)": ("ADXR", HLC, 14),
    "dx(14)": ("DX", HLC, 14),
    "plus_di(14)": ("PLUS_DI", HLC, 14),
    "minus_di(14)": ("MINUS_DI", HLC, 14),
    "plus_dm(14)": ("PLUS_DM", HL, 14),
    "minus_dm(14)": ("MINUS_DM", HL, 14),
    "trix(close, 30)": ("TRIX", CLOSE, 30),
    "ultosc(7, 14, 28)": ("ULTOSC", HLC, 7, 14, 28),
    "bop()": ("BOP", OHLC),
    "cmo(close, 14)": ("CMO", CLOSE, 14),
    "natr(14)": ("NATR", HLC, 14),
    "true_range()": ("TRANGE", HLC),
    "stddev(close, 20)": ("STDDEV", CLOSE, 20, 1.0),
    "var(close, 20)": ("VAR", CLOSE, 20, 1.0),
    "sar(0.02, 0.2)": ("SAR", HL, 0.02, 0.2),
    "obv()": ("OBV", ("close", "volume")),
    "ad()": ("AD", HLCV),
    "adosc(3, 10)": ("ADOSC", HLCV, 3, 10),
    "linreg(close, 14).value": ("LINEARREG", CLOSE, 14),
    "slope(close, 14)": ("LINEARREG_SLOPE", CLOSE, 14),
    "intercept(close, 14)": ("LINEARREG_INTERCEPT", CLOSE, 14),
    "tsf(close, 14)": ("TSF", CLOSE, 14),
    "corr(high, low, 30)": ("CORREL", HL, 30),
    "beta(high, low, 5)": ("BETA", HL, 5),
    "sum(close, 20)": ("SUM", CLOSE, 20),
    "min(close, 20)": ("MIN", CLOSE, 20),
    "max(close, 20)": ("MAX", CLOSE, 20),
    "hl2": ("MEDPRICE", HL),
    "hlc3": ("TYPPRICE", HLC),
    "ohlc4": ("AVGPRICE", OHLC),
    "close + open": ("ADD", ("close", "open")),
    "close * open": ("MULT", ("close", "open")),
    "sqrt(close)": ("SQRT", CLOSE),
    "log(close)": ("LN", CLOSE),
    "floor(close)": ("FLOOR", CLOSE),
    "ceil(close)": ("CEIL", CLOSE),
}


def candles() -> dict:
    """The patterns that TA-Lib and we have; those that look for a star take its penetration."""
    out = {}
    for name in talib.get_function_groups()["Pattern Recognition"]:
        parameters = abstract.Function(name).parameters
        out[name.lower().replace("cdl", "cdl_", 1) + "()"] = (name, OHLC, *(float(value) for value in parameters.values()))
    return out


class Call:
    """One function over columns, ready to be called again and again."""

    library = None

    def __init__(self, columns: dict, name: str, inputs: tuple, *options) -> None:
        if Call.library is None:
            # The package opened and initialised it; this is the same library.
            folder = pathlib.Path(talib.__file__).parents[1] / "ta_lib.libs"
            Call.library = ctypes.CDLL(str(next(folder.glob("libta-lib*"))))
        self.function = getattr(Call.library, f"TA_{name}")
        rows = len(columns[inputs[0]])
        names = abstract.Function(name).output_names
        self.results = [np.zeros(rows, np.int32 if out.startswith("integer") else float) for out in names]
        self.begin, self.count = ctypes.c_int(), ctypes.c_int()
        pointer = [ctypes.c_void_p(columns[column].ctypes.data) for column in inputs]
        given = [ctypes.c_double(value) if isinstance(value, float) else ctypes.c_int(value) for value in options]
        taken = [ctypes.c_void_p(result.ctypes.data) for result in self.results]
        self.arguments = (0, rows - 1, *pointer, *given, ctypes.byref(self.begin), ctypes.byref(self.count), *taken)

    def __call__(self) -> None:
        if self.function(*self.arguments) != 0:
            raise RuntimeError(f"{self.function.__name__} failed")

    def outputs(self) -> np.ndarray:
        """[output, row], NaN before the first."""
        out = np.full((len(self.results), len(self.results[0])), np.nan)
        for row, result in zip(out, self.results):
            row[self.begin.value:] = result[:self.count.value]
        return out
