"""Prints the sessions of New York from 2000 to 2027 as exchange_calendars has them: date,open,close in UTC."""

import exchange_calendars

calendar = exchange_calendars.get_calendar("XNYS", start="2000-01-01", end="2027-12-31")
for date, row in calendar.schedule.iterrows():
    print(f"{date:%Y-%m-%d},{row['open']:%Y-%m-%dT%H:%M:%SZ},{row['close']:%Y-%m-%dT%H:%M:%SZ}")
