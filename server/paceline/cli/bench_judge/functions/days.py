"""Dates and times of the day."""

from datetime import date, timedelta


def working_days(start: date, days: int, holidays: list[date]) -> date:
    """Return the day that lies so many working days after another."""
    day = start
    left = days % 60
    while left > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            left -= 1
    return day


def age_on(born: date, day: date) -> int:
    """Return the age in whole years, 0 before birth."""
    if day <= born:
        return 0
    years = day.year - born.year
    if (day.month, day.day) < (born.month, born.day):
        years -= 1
    return years


def free_slots(busy: list[tuple[int, int]], opens: int = 480, closes: int = 1080) -> list[tuple[int, int]]:
    """Return the minutes between appointments, given in any order and perhaps overlapping."""
    slots = []
    free_from = opens
    for start, end in sorted(busy):
        if end <= start:
            continue
        if start > free_from:
            slots.append((free_from, min(start, closes)))
        free_from = max(free_from, end)
        if free_from >= closes:
            break
    if free_from < closes:
        slots.append((free_from, closes))
    return [slot for slot in slots if slot[0] < slot[1]]


def clock(minutes: int, twelve_hours: bool = False) -> str:
    """Return minutes since midnight as people read them: 14:05, or 2:05 pm."""
    hour, minute = divmod(minutes % 1440, 60)
    if not twelve_hours:
        return f"{hour:02d}:{minute:02d}"
    half = "am" if hour < 12 else "pm"
    hour = hour % 12
    if hour == 0:
        hour = 12
    return f"{hour}:{minute:02d} {half}"


def streaks(days: list[date]) -> list[tuple[date, int]]:
    """Return runs of days in a row, each with its first day and its length, the longest first."""
    found: list[tuple[date, int]] = []
    for day in sorted(set(days)):
        if found:
            first, length = found[-1]
            if day - first == timedelta(days=length):
                found[-1] = (first, length + 1)
                continue
        found.append((day, 1))
    return sorted(found, key=lambda streak: (-streak[1], streak[0]))
