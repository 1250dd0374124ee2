"""Prints the sessions of an exchange as exchange_calendars has them: date,open,close in UTC. Call: MIC FIRST_YEAR LAST_YEAR."""

import sys

import exchange_calendars

mic, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
# Asked for a year more on both sides: it takes the first session of what it is asked for as the first of a year.
calendar = exchange_calendars.get_calendar(mic, start=f"{first - 1}-01-02", end=f"{last + 1}-12-20")
for date, row in calendar.schedule.loc[f"{first}-01-01":f"{last}-12-31"].iterrows():
    print(f"{date:%Y-%m-%d},{row['open']:%Y-%m-%dT%H:%M:%SZ},{row['close']:%Y-%m-%dT%H:%M:%SZ}")
