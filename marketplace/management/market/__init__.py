"""The main job: a market's round from purchase requests to settled money, by the same use cases as its doors.

Outside parties (the buyers' banks, the suppliers' pens, the goods on the road) act here by the book, so that a file can
be taken through the whole chain in one run. Every step works on whatever stands in its state, so that a run that died
is taken up where it stopped, and a second run finds nothing left to do.
"""
