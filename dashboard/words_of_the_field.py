"""The words of the field, each in a plain sentence or two, for readers who sit on a Board but do not work in one of the agencies.

Declared here once; a refresh stores them with the other definitions.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "MAPPA": (
        "Multi-agency public protection arrangements: police, probation, prison and the agencies that must help them manage "
        "people convicted of sexual and violent offences together. In Jersey they are called JMAPPA."
    ),
    "case (nominal)": (
        "One person under management. Records carry a pseudonym, never a name; agencies also call the person a nominal."
    ),
    "category": (
        "Why a person is managed. Category 1: a registered sex offender. Category 2: another violent or sexual offender with a "
        "sentence above a set length or a hospital order. Category 3: another offender who is dangerous. Category 4: a "
        "terrorist offender, where the standard has that category."
    ),
    "PDP": (
        "A potentially dangerous person: someone without a conviction that would bring them under the other categories. Jersey "
        "manages them in the same arrangements; England and Wales do so outside them."
    ),
    "level": (
        "How closely a case is managed. Level 1: one lead agency. Level 2: several agencies, in meetings. Level 3: the same, "
        "with senior people at the table who can commit their agency's resources."
    ),
    "lead agency": "The agency that answers for the case from day to day.",
    "screening": "A short meeting about a new referral that decides at which level, if any, the case is taken on.",
    "referral": "A request by an agency that a person be managed under the arrangements.",
    "spell": (
        "A stretch of time that a case spends at one level without a break. The review clock starts anew with each spell."
    ),
    "review": "A meeting at the case's level that looks at it again. At level 1 the lead agency may review a case by itself.",
    "review clock": (
        "Counts the weeks since the spell began or the case was last reviewed. When the standard's interval is up a review is "
        "due; if none is held, another is due each time the interval passes again."
    ),
    "overdue": "The day on which a review was due has passed and no review is on record.",
    "minutes": "The record of a meeting, sent to those who took part.",
    "disclosure": (
        "Telling somebody outside the agencies about a person's offending so that they can protect themselves or others. "
        "Every level 2 and 3 meeting has to consider it and record what was decided, also when it decides against."
    ),
    "duty to co-operate": "The legal duty of certain agencies to help the police, probation and prison with these cases.",
    "standing agenda": "The points that every meeting goes through, so that none is forgotten.",
    "core group": "A smaller meeting between full ones, of the agencies that work closely with the case.",
    "Strategic Management Board (SMB)": (
        "The senior people of all the agencies, who meet every quarter and answer for how well the arrangements work."
    ),
    "co-ordinator": (
        "The person who runs referrals, meetings and minutes, chases what is late, and reports to the Board."
    ),
    "lay adviser": "An independent member of the public who sits on the Board and asks what the professionals might not.",
    "deputy": "Somebody who attends in a Board member's place, for the same agency.",
    "ViSOR": "The confidential national database of the people managed. This product has no link to it; it reads extracts.",
    "risk of harm": "How serious the harm would be that a person might do, and how likely: low, medium, high or very high.",
    "notification requirements": (
        "What a registered sex offender must tell the police, such as an address, and for how long; often called the register."
    ),
    "snapshot": (
        "Everything that one refresh stored: the records as they were read, what the checks found and every figure. It never "
        "changes, so that an old figure can be looked at again."
    ),
    "as-at date": "The day as of which the records are read. Nothing dated after it counts.",
    "standard": "The set of rules and targets, with the guidance that sets them, by which an area is measured.",
    "numerator and denominator": (
        "The two numbers of a rate: how many were done, of how many that were owed. A rate is shown with both."
    ),
    "target": "The rate that the guidance, or the area itself, has set to be reached.",
    "adopted target": "A target that an area has set itself where the guidance sets none.",
    "KPI": "Key performance indicator: one of the figures by which the Board is to judge the arrangements.",
    "unknown": (
        "A thing that was owed and about which the record is silent. It stays in the denominator and earns no credit in the "
        "numerator."
    ),
    "worst and best": (
        "The lowest and the highest that a rate could be once the missing records are filled in. If the target lies "
        "between them, the verdict depends on those records."
    ),
    "95 % interval": (
        "How far a rate from so few cases could be off by chance alone. The fewer the cases, the wider it is."
    ),
    "verdict": (
        "What the figure comes to: target met, not met, open because records are missing, or none because no target is set or "
        "nothing was due."
    ),
    "percentage point": (
        "The difference of two percentages: from 80 % to 85 % is five points up. It says nothing of how many cases that is; the "
        "counts beside it do."
    ),
    "process-behaviour chart": (
        "A line of quarterly figures with their average and limits, which tells usual ups and downs from what is out of the "
        "ordinary. Also called an XmR chart."
    ),
    "average (centre line)": (
        "The mean of the quarters' figures, each quarter counting alike however many cases it had. A quarter that is not over yet, "
        "or whose figure is not shown, is not in it."
    ),
    "limits of usual variation": (
        "The average plus and minus 2.66 times the mean step from one quarter to the next. Figures that lie between them move as "
        "they usually do, and asking why one is up or down finds no reason. They are no targets."
    ),
    "trial limits": (
        "Limits from eight to eleven quarters only. They will still move when more quarters come; from twelve on they are limits."
    ),
    "signal": (
        "What usual variation hardly ever brings: a quarter outside the limits, eight in a row on one side of the average, or six "
        "in a row all rising or all falling. It says that something has changed, not what, nor whether it is good."
    ),
    "restart of the centre line": (
        "Where something is known to have changed for good, the area's settings can start a new average from that quarter on, with "
        "a reason that stands on the chart. It is only ever done by hand."
    ),
    "c (not shown)": (
        "Stands for a count that is small, or that would give a small one away by subtraction, and for the percentage that goes "
        "with it. Few people would be too easy to recognise. Nought is shown."
    ),
    "stock and flow": (
        "Stock: how many cases there are at the end of a day. Flow: how many entered, left, or moved between levels since "
        "another day. The stock at the start and what came in, less what went out, is the stock at the end."
    ),
    "Kaplan–Meier": (
        "A way to tell how long things last when many have not ended yet: each counts for as long as it has been seen. It gives "
        "the share that lasts longer than so many days, and the median, after which half have ended."
    ),
    "at risk": "Of a time at a level: the spells that have lasted at least so long. A share that rests on few says little.",
    "error and warning": (
        "The severity of a finding. An error leaves a figure wrong or open; a warning may be right and wants a look."
    ),
    "completeness": "Data quality: are the values that are required there?",
    "validity": "Data quality: is each value of the kind, and from the list, that it should be?",
    "consistency": "Data quality: do values that depend on each other agree, within a record and between tables?",
    "uniqueness": "Data quality: does each record stand there once only?",
    "timeliness": "Data quality: were things recorded and planned in time to be of use?",
    "accuracy": (
        "Data quality: is what is recorded true? Records alone can hardly tell; it takes a look at the case file."
    ),
}
"""Word → what it means."""
