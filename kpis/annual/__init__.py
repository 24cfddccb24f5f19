"""The annual tables: what an annual report prints, counted from the records (domain 4.7).

`things` what can be counted · `cells` how a layout becomes cells · `tables` the whole of a year, and what lies beneath each cell.
"""
