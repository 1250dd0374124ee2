// The lunisolar calendar as Korea keeps it, computed from sun and moon: a month begins on the day of a new moon in
// Seoul, the winter solstice lies in the eleventh month, and a month that begins no sign of the sun's course repeats
// its number.
//
//   lunar_date(2028, 1, 1)       // 2028-01-27, Seollal
//
// New moons are right to two minutes, the sun's place to a quarter of an hour, so that a month could begin on a wrong
// day only where one of them falls so close to midnight. From 1990 to 2050 none does.
#pragma once

#include "core/time.hpp"

namespace argosy::market::detail {

// The date of a day of a month, not of its repetition, of the lunisolar year that begins early in `year`. Month 1
// to 10.
[[nodiscard]] core::Date lunar_date(int year, int month, int day);

}  // namespace argosy::market::detail
