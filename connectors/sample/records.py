"""Lives and meetings as canonical tables of text, as the files hold them (ISO dates, `true`/`false`, None missing)."""

from __future__ import annotations

from random import Random

from connectors.sample import figures
from connectors.sample.columns import COLUMNS
from connectors.sample.days import Days
from connectors.sample.lives import ENTRIES, SCREENED, Life, share_out
from connectors.sample.sittings import Sitting, level_1_clocks, review_days

Columns = dict[str, list[str | None]]
TRUE, FALSE = "true", "false"


def _flag(value: bool) -> str:
    return TRUE if value else FALSE


def _empty(table: str) -> Columns:
    return {column: [] for column in COLUMNS[table]}


def _weighted(weights: dict[str, float], chance: float) -> str:
    """The key in whose share of the weights a chance from 0 to 1 falls."""
    chance *= sum(weights.values())
    for key, weight in weights.items():
        chance -= weight
        if chance < 0:
            return key
    return next(reversed(weights))


SEXES = {"male": 94.0, "female": 6.0}
ETHNICITIES = {
    "white: jersey": 48.0,
    "white: british": 31.0,
    "white: portuguese or madeiran": 9.0,
    "white: polish": 3.0,
    "white: other": 5.0,
    "asian": 2.0,
    "black": 1.0,
    "mixed": 1.0,
}
EXIT_REASONS = {
    "1": "notification ended",
    "2": "licence ended",
    "3": "risk reduced",
    "4": "moved away",
    "pdp": "risk reduced",
}


def lead_agency(life: Life, day: int) -> str:
    """Who leads: the prison in custody, health in hospital, else the police for category 1 and most others."""
    place = life.place_on(day)
    if place == "custody":
        return "prison"
    if place == "hospital":
        return "adult mental health"
    return "police" if life.category in {"1", "pdp"} else "probation"


def make_cases(lives: list[Life], sittings: list[Sitting], days: Days, rng: Random) -> Columns:
    """One row per life, in order of case id."""
    draw = rng.random
    text = days.text
    last_meeting: dict[int, int] = {}
    for sitting in sittings:
        last_meeting[sitting.index] = sitting.held
    out = _empty("cases")
    add = {column: values.append for column, values in out.items()}
    for index, life in enumerate(lives):
        end = life.end(days)
        active = life.left is None
        category = life.category
        released = life.places[-1][0] if len(life.places) > 1 and life.places[0][1] == "custody" else None
        sentenced = None if category == "pdp" else life.entered - 20 - int(draw() * 500)
        died = not active and draw() < 0.06
        release = released
        leave = confirmed = parole = None
        if life.place == "custody":
            release = end + 25 + int(draw() * 1400)
            leave = release - 180 - int(draw() * 200)
            if category in {"2", "4"}:
                parole = release - 200 - int(draw() * 300)
            if release - end < 200 and draw() < 0.8:
                confirmed = max(life.entered, end - 5 - int(draw() * 60))
        add["case_id"](life.case)
        add["category"](category)
        add["level"](str(life.last_level))
        add["location"](life.place)
        add["entered_on"](text(life.entered))
        add["exited_on"](None if active else text(end))
        add["exit_reason"](None if active else "died" if died else EXIT_REASONS[category])
        add["lead_agency"](lead_agency(life, end))
        add["risk_of_harm"](life.risk)
        add["birth_year"](str(int(text(life.entered)[:4]) - 20 - int(draw() * draw() * 50)))
        add["sex"](_weighted(SEXES, draw()))
        add["ethnicity"](_weighted(ETHNICITIES, draw()))
        add["sentenced_on"](None if sentenced is None else text(sentenced))
        late = int(draw() * 16) if draw() < 0.12 else int(draw() * 4)
        add["identified_on"](None if sentenced is None else text(sentenced + late))
        notified = category == "1" and sentenced is not None
        add["notification_from"](text(sentenced) if notified else None)
        until = None
        if notified:
            until = (end + 30 + int(draw() * 3000)) if active and draw() < 0.55 else None if active or died else end
        add["notification_until"](None if until is None else text(until))
        add["release_on"](None if release is None else text(release))
        add["parole_eligible_on"](None if parole is None else text(parole))
        add["temporary_licence_eligible_on"](None if leave is None else text(leave))
        add["release_confirmed_on"](None if confirmed is None else text(confirmed))
        add["licence_until"](text(release + 180 + int(draw() * 900)) if release is not None and draw() < 0.7 else None)
        has_order = category != "pdp" and draw() < 0.4
        add["order_until"](text(life.entered + 900 + int(draw() * 1800)) if has_order else None)
        pathway = released is not None and draw() < 0.25
        add["pathway_until"](text(released + 90 + int(draw() * 270)) if pathway and released is not None else None)
        add["visor_recorded"](_flag(draw() < 0.985))
        planned = max(last_meeting.get(index, 0), life.entered, min(end, days.as_at) - 60 - int(draw() * 300))
        add["risk_plan_on"](text(planned))
        managed = life.last_level > 1
        add["victim_plan"](_flag(draw() < 0.93) if managed else None)
        add["contingency_plan"](_flag(draw() < 0.88) if managed else None)
    return out


def make_spells(lives: list[Life], days: Days) -> Columns:
    """One row per stretch at one level in one location, from the start of the records."""
    out = _empty("spells")
    for life in lives:
        stretches = life.stretches(days)
        for place, (first, last, level, location) in enumerate(stretches):
            open_still = life.left is None and place + 1 == len(stretches)
            out["case_id"].append(life.case)
            out["level"].append(str(level))
            out["location"].append(location)
            out["from_on"].append(days.text(first))
            out["until_on"].append(None if open_still else days.text(last))
    return out


def make_referrals(lives: list[Life], cases: int, days: Days, rng: Random) -> Columns:
    """One row per referral: those behind the entries and rises, and those that led to no meeting.

    In the last year as published: 57, of which two have no recorded route (`not eligible` in sound records).
    """
    draw = rng.random
    years = len(days.ends) - 1
    rows: list[list[tuple[int, Life | None, str]]] = [[] for _ in range(years)]
    for life in lives:
        for day, what in life.moves:
            year = days.year_of(day)
            if what in SCREENED:
                route = "screening"
            elif what in {"straight_2", "straight_3"}:
                route = f"level {what[-1]}"
            elif what == "up_2":
                route = "level 2"
            elif what == "straight_1" and life.category != "1" and year >= len(figures.REFERRALS):
                route = "level 1"
            else:
                continue
            earlier = 3 + int(draw() * 17) if draw() < 0.8 else 23 + int(draw() * 22)
            received = max(days.working(day - earlier), days.ends[year + 1] + 1)
            rows[year].append((received, life, route))
    scale = cases / figures.ACTIVE
    quiet = [life for life in lives if life.left is None and life.last_level == 1]
    for year in range(years):
        if year < len(figures.REFERRALS):
            number = int(figures.REFERRALS[year] * scale + 0.5) - len(rows[year])
        else:
            number = len(rows[year]) // 8
        refused = min(number, int(figures.NOT_ROUTED * scale + 0.5)) if year == 0 else number // 3
        for place in range(number):
            day = days.working(days.ends[year + 1] + 10 + int(draw() * (days.ends[year] - days.ends[year + 1] - 10)))
            # People already managed who are referred again; no screening followed.
            known = None
            for _ in range(20):
                life = quiet[int(draw() * len(quiet))] if quiet and place >= refused else None
                if life is not None and life.since < day:
                    known = life
                    break
            rows[year].append((day, known, "screening" if known else "not eligible"))
    out = _empty("referrals")
    number = 0
    for year in reversed(range(years)):
        found = sorted(rows[year], key=lambda row: row[0])
        sources = _as_published(figures.REFERRAL_SOURCES, len(found), rng)
        concerns = _concerns([life for _, life, _ in found], rng)
        for (received, life, route), source, concern in zip(found, sources, concerns, strict=True):
            number += 1
            custody = life is not None and received >= life.since and life.place_on(received) == "custody"
            if life is not None and received < life.since:
                custody = life.places[0][1] == "custody"
            out["referral_id"].append(f"R{number:07d}")
            out["case_id"].append(None if life is None else life.case)
            out["received_on"].append(days.text(received))
            out["source_agency"].append(source)
            out["concern"].append(concern)
            out["route"].append(route)
            out["in_custody"].append(_flag(custody))
            out["emergency"].append(_flag(draw() < 0.06))
    return out


def _as_published(shares: dict[str, int], number: int, rng: Random) -> list[str]:
    out = [key for key, count in share_out(number, shares).items() for _ in range(count)]
    rng.shuffle(out)
    return out


def _concerns(people: list[Life | None], rng: Random) -> list[str]:
    """The published numbers, with the sexual concerns going to category 1 first."""
    numbers = share_out(len(people), figures.REFERRAL_CONCERNS)
    others = [key for key, count in numbers.items() if key != "sexual" for _ in range(count)]
    rng.shuffle(others)
    order = sorted(range(len(people)), key=lambda place: _last_for_sexual(people[place]))
    out = [""] * len(people)
    for place, who in enumerate(order):
        out[who] = "sexual" if place < numbers["sexual"] else others[place - numbers["sexual"]]
    return out


def _last_for_sexual(life: Life | None) -> int:
    return 2 if life is None else int(life.category != "1")


REASONS = ("no identifiable person at risk", "those at risk know already", "disclosure would raise the risk")
DECISIONS = {"not disclose": 58.0, "disclose": 27.0, "deferred": 15.0}
CHAIRS = {"police": 55.0, "probation": 35.0, "prison": 10.0}


def make_meetings(sittings: list[Sitting], lives: list[Life], days: Days, rng: Random) -> Columns:
    """One row per sitting, in order of date."""
    draw = rng.random
    text, working = days.text, days.working
    following: dict[int, int] = {}
    later: list[int] = [0] * len(sittings)
    for place in range(len(sittings) - 1, -1, -1):
        later[place] = following.get(sittings[place].index, 0)
        following[sittings[place].index] = sittings[place].held
    out = _empty("meetings")
    add = {column: values.append for column, values in out.items()}
    last_quarter = days.as_at - 91
    for place, (held, index, kind, purpose, outcome) in enumerate(sittings):
        multi = kind != "screening"
        add["meeting_id"](f"M{place + 1:07d}")
        add["case_id"](lives[index].case)
        add["held_on"](text(held))
        add["kind"](kind)
        add["purpose"](purpose)
        full = purpose == "initial" or draw() < 0.7
        add["format"](("full" if full else "core group") if multi else None)
        add["chair_agency"](_weighted(CHAIRS, draw()))
        # Every decision of the last quarter was considered: there the verdict hangs on the missing records alone.
        considered = draw() < 0.95 or held > last_quarter
        decision = _weighted(DECISIONS, draw())
        reason = REASONS[int(draw() * 3)]
        add["disclosure_considered"](_flag(considered) if multi else None)
        add["disclosure_decision"](decision if multi and considered else None)
        add["disclosure_reason"](reason if multi and considered and decision == "not disclose" else None)
        add["outcome_level"](outcome)
        issued = None
        chance = draw()
        if chance < 0.84:
            issued = held + 3 + int(draw() * (10 if kind != "level 3" else 4))
        elif chance < 0.95:
            issued = held + 15 + int(draw() * 30)
        if issued is not None:
            issued = max(working(issued), held)
        add["minutes_issued_on"](text(issued) if multi and issued is not None and issued <= days.as_at else None)
        planned = None
        if outcome in {"2", "3"}:
            every = figures.REVIEW_DAYS[int(outcome)]
            planned = working(held + every - int(draw() * 9))
            if later[place] and later[place] - held <= every and draw() < 0.7:
                planned = later[place]
        add["next_review_on"](None if planned is None else text(planned))
        add["victim_considered"](_flag(draw() < 0.97) if multi else None)
        add["diversity_considered"](_flag(draw() < 0.94) if multi else None)
    return out


def make_attendance(sittings: list[Sitting], lives: list[Life], days: Days, rng: Random) -> Columns:
    """One row per invited agency per meeting; the police and probation always, others as the case needs them."""
    draw = rng.random
    ids: list[str | None] = []
    agencies: list[str | None] = []
    modes: list[str | None] = []
    seniors: list[str | None] = []
    rates = list(figures.AGENCIES.items())
    remote_from = days.ends[min(4, len(days.ends) - 1)] + 80
    for place, (held, index, kind, _, _) in enumerate(sittings):
        meeting = f"M{place + 1:07d}"
        in_custody = lives[index].place_on(held) == "custody"
        ago = days.as_at - held
        remote = held > remote_from
        for agency, (invited, came, senior) in rates:
            if kind == "screening":
                if agency not in figures.SCREENING_AGENCIES:
                    continue
            elif agency == "prison" and in_custody:
                pass
            elif invited < 1 and draw() >= invited:
                continue
            if agency == figures.DECLINING and ago < 365:
                came += (figures.DECLINED_TO - came) * (365 - ago) / 365
            ids.append(meeting)
            agencies.append(agency)
            chance = draw()
            if chance >= came:
                modes.append("apologies" if draw() < 0.7 else "absent")
                seniors.append(None)
                continue
            chance /= came
            if chance < 0.06:
                modes.append("report")
                seniors.append(None)
                continue
            if remote:
                modes.append("in person" if chance < 0.62 else "video" if chance < 0.95 else "telephone")
            else:
                modes.append("in person" if chance < 0.92 else "telephone")
            seniors.append(TRUE if draw() < senior else FALSE)
    return {"meeting_id": ids, "agency": agencies, "mode": modes, "senior_enough": seniors}


PURPOSES = {"victim protection": 28.0, "contingency": 17.0, "disclosure": 15.0, "other": 40.0}
OWNERS = {
    "police": 38.0,
    "probation": 30.0,
    "prison": 8.0,
    "housing": 9.0,
    "adult mental health": 8.0,
    "children's services": 7.0,
}


def make_actions(sittings: list[Sitting], lives: list[Life], days: Days, rng: Random) -> Columns:
    """Up to three actions per level 2 or 3 meeting, in order of meeting."""
    draw = rng.random
    text = days.text
    out = _empty("actions")
    add = {column: values.append for column, values in out.items()}
    number = 0
    for place, (held, index, kind, _, outcome) in enumerate(sittings):
        if kind == "screening" or outcome == "exit":
            continue
        for _ in range(int(draw() * 3.4)):
            number += 1
            due = days.working(held + 14 + int(draw() * 63))
            chance = draw()
            done = cancelled = None
            if chance < 0.80:
                done = max(held + 1, due - int(draw() * 20))
            elif chance < 0.93:
                done = due + 2 + int(draw() * 40)
            elif chance < 0.96:
                cancelled = max(held + 1, due - int(draw() * 10))
            add["action_id"](f"A{number:07d}")
            add["case_id"](lives[index].case)
            add["meeting_id"](f"M{place + 1:07d}")
            add["agency"](_weighted(OWNERS, draw()))
            add["due_on"](text(due))
            add["completed_on"](text(done) if done is not None and done <= days.as_at else None)
            add["cancelled_on"](text(cancelled) if cancelled is not None and cancelled <= days.as_at else None)
            add["purpose"](_weighted(PURPOSES, draw()))
    return out


def make_reviews(lives: list[Life], days: Days, rng: Random) -> Columns:
    """The lead agency's own reviews of level 1 cases in the island, about every 12 weeks."""
    draw = rng.random
    found: list[tuple[int, str, str]] = []
    for life in lives:
        for first, last in level_1_clocks(life, days):
            for day in review_days(first, last, 1, False, first == days.start, days, rng):
                found.append((day, life.case, lead_agency(life, day)))
    found.sort()
    return {
        "case_id": [case for _, case, _ in found],
        "reviewed_on": [days.text(day) for day, _, _ in found],
        "agency": [agency for _, _, agency in found],
        "disclosure_reviewed": [TRUE if draw() < 0.9 else FALSE for _ in found],
    }


VISIT_DAYS = {"very high": 30, "high": 91, "medium": 182, "low": 365}


def make_visits(lives: list[Life], days: Days, rng: Random) -> Columns:
    """Police home visits to category 1 in the community, most within the interval for their risk."""
    draw = rng.random
    found: list[tuple[int, str]] = []
    for life in lives:
        if life.category != "1":
            continue
        every = VISIT_DAYS[life.risk]
        for first, last, _, place in life.stretches(days):
            if place != "community":
                continue
            day = first + int(draw() * every)
            while day <= last:
                found.append((day, life.case))
                day += int(every * ((0.55 + 0.42 * draw()) if draw() < 0.9 else (1.05 + 0.6 * draw()))) + 1
    found.sort()
    return {
        "case_id": [case for _, case in found],
        "visited_on": [days.text(day) for day, _ in found],
        "agency": ["police"] * len(found),
    }


ORDERS = {
    "order imposed: prevention": 70.0,
    "order imposed: prevention with foreign travel": 12.0,
    "order imposed: foreign travel": 6.0,
    "order imposed: notification": 12.0,
}
RARE = {
    "breach of notification: cautioned or convicted": 0.030,
    "reconvicted": 0.020,
    "serious further offence": 0.004,
    "subject to notification after breach of a sexual risk order": 0.002,
    "serious case review": 0.0015,
}
"""A year's chance of each, per person."""


def make_events(lives: list[Life], cases: Columns, days: Days, rng: Random) -> Columns:
    """Registrations and deregistrations of category 1, orders, recalls and what is rare, in order of date."""
    draw = rng.random
    found: list[tuple[int, str, str]] = []
    for index, life in enumerate(lives):
        end = life.end(days)
        if life.category == "1":
            if any(what in ENTRIES for _, what in life.moves):
                found.append((life.entered, life.case, "registered"))
                if draw() < 0.45:
                    found.append((life.entered, life.case, _weighted(ORDERS, draw())))
            if life.left is not None:
                found.append((end, life.case, "deregistered"))
        if cases["exit_reason"][index] == "died":
            found.append((end, life.case, "died"))
        if len(life.places) > 1 and life.place == "custody":
            recalled = "recalled: breach of licence" if draw() < 0.6 else "imprisoned: breach of order"
            found.append((life.places[1][0], life.case, recalled))
        room = end - life.since
        for kind, chance in RARE.items():
            if draw() < chance * room / 365 and (life.category == "1" or "notification" not in kind):
                found.append((life.since + int(draw() * (room + 1)), life.case, kind))
    found.sort()
    return {
        "case_id": [case for _, case, _ in found],
        "occurred_on": [days.text(day) for day, _, _ in found],
        "kind": [kind for _, _, kind in found],
    }


def make_board(days: Days, rng: Random) -> tuple[Columns, Columns]:
    """The Board's quarterly meetings and who came: (smb_meetings, smb_attendance)."""
    draw = rng.random
    held_on = []
    day = days.start
    while day <= days.as_at:
        text = days.text(day)
        # The middle month of each quarter, its third Thursday.
        if text[5:7] in {"02", "05", "08", "11"} and 15 <= int(text[8:]) <= 21 and (day - 1) % 7 == 3:
            held_on.append(day)
        day += 1
    meetings, attendance = _empty("smb_meetings"), _empty("smb_attendance")
    for number, day in enumerate(held_on, start=1):
        name = f"S{number:07d}"
        meetings["smb_meeting_id"].append(name)
        meetings["held_on"].append(days.text(day))
        for member, (came, deputy) in figures.BOARD.items():
            if member == figures.JOINED_LATER and number <= len(held_on) // 4:
                continue
            chance = draw()
            attended = "member" if chance < came else "deputy" if chance < came + deputy else None
            attendance["smb_meeting_id"].append(name)
            attendance["member"].append(member)
            attendance["attended"].append(attended or ("apologies" if draw() < 0.75 else "absent"))
    return meetings, attendance


def make_population(days: Days) -> Columns:
    """One row per calendar year that the records touch."""
    years = range(int(days.text(days.start)[:4]), int(days.text(days.as_at)[:4]) + 1)
    return {
        "area": [figures.AREA for _ in years],
        "year": [str(year) for year in years],
        "aged_10_and_over": [str(figures.AGED_10_AND_OVER) for _ in years],
    }
