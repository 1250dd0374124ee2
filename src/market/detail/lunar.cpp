#include "market/detail/lunar.hpp"

#include <cmath>
#include <numbers>

namespace argosy::market::detail {
namespace {

using core::Date;

// Times are in days since noon UTC of 2000-01-01 (J2000). A day in Seoul begins nine hours before that of UTC. Tables
// of sun and moon count evenly while the earth slows down: by now they are some 70 seconds ahead of its clocks.
constexpr double kSeoulMidnight = -0.5 - 9.0 / 24;
constexpr double kClockLag = 70.0 / 86400;
constexpr Date kEpoch = Date::from_ymd(2000, 1, 1);
constexpr double kCentury = 36525;

double sine(double degrees) { return std::sin(degrees * std::numbers::pi / 180); }

Date seoul_date(double time) {
  return kEpoch.plus_days(static_cast<std::int32_t>(std::floor(time - kClockLag - kSeoulMidnight)));
}

// The new moon of number k; 0 is that of 2000-01-06. J. Meeus, Astronomical Algorithms, chapter 49, terms above 20
// seconds.
double new_moon(int k) {
  const double t = k / 1236.85;
  const double e = 1 - 0.002516 * t;
  const double sun = 2.5534 + 29.10535670 * k;
  const double moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t;
  const double node = 160.7108 + 390.67050284 * k - 0.0016118 * t * t;
  const double mean = 5.09766 + 29.530588861 * k + 0.00015437 * t * t;
  return mean - 0.40720 * sine(moon) + 0.17241 * e * sine(sun) + 0.01608 * sine(2 * moon) + 0.01039 * sine(2 * node) +
         0.00739 * e * sine(moon - sun) - 0.00514 * e * sine(moon + sun) + 0.00208 * e * e * sine(2 * sun) -
         0.00111 * sine(moon - 2 * node) - 0.00057 * sine(moon + 2 * node) + 0.00056 * e * sine(2 * moon + sun) -
         0.00042 * sine(3 * moon) + 0.00042 * e * sine(sun + 2 * node) + 0.00038 * e * sine(sun - 2 * node) -
         0.00024 * e * sine(2 * moon - sun) + 0.00033 * sine(299.77 + 0.107408 * k - 0.009173 * t * t);
}

// The sign of the sun's course, 0 to 11 from the spring equinox on, in which a day in Seoul begins: its apparent place
// in steps of 30 degrees. J. Meeus, chapter 25, the lower accuracy.
int sign_of(Date date) {
  const double t = ((date - kEpoch) + kSeoulMidnight + kClockLag) / kCentury;
  const double mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t;
  const double anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t;
  const double centre = (1.914602 - 0.004817 * t - 0.000014 * t * t) * sine(anomaly) +
                        (0.019993 - 0.000101 * t) * sine(2 * anomaly) + 0.000289 * sine(3 * anomaly);
  const double apparent = mean + centre - 0.00569 - 0.00478 * sine(125.04 - 1934.136 * t);
  return static_cast<int>(std::floor((apparent - 360 * std::floor(apparent / 360)) / 30));
}

Date month_start(int k) { return seoul_date(new_moon(k)); }

// The new moon that begins the eleventh month: the last one until the winter solstice, when the tenth sign begins.
int solstice_moon(int year) {
  constexpr int kTenth = 9;
  Date solstice = Date::from_ymd(year, 12, 18);
  while (sign_of(solstice.plus_days(1)) != kTenth) solstice = solstice.plus_days(1);
  int k = static_cast<int>(std::floor((solstice - kEpoch) / 29.530588861)) + 1;
  while (month_start(k) > solstice) --k;
  return k;
}

}  // namespace

Date lunar_date(int year, int month, int day) {
  const int eleventh = solstice_moon(year - 1);
  // Thirteen months from one eleventh to the next: the first in which no sign begins is the repetition.
  bool repeats = solstice_moon(year) - eleventh == 13;
  int k = eleventh;
  for (int number = -1; number < month; ++number) {
    ++k;
    if (repeats && sign_of(month_start(k)) == sign_of(month_start(k + 1))) {
      repeats = false;
      ++k;
    }
  }
  return month_start(k).plus_days(day - 1);
}

}  // namespace argosy::market::detail
