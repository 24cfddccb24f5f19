"""The sample area: invented records of a small island's arrangements, the same for the same seed on any machine.

`figures` what it is to look like · `days` its calendar · `lives` who enters, moves and leaves · `sittings` the meetings
that follow · `records` those lives and meetings as canonical tables · `flaws` what is then spoilt on purpose ·
`area` the whole.
"""
