"""What every trade is made of, without Django: money, quantities, clocks, refs, refusals, state machines, periods."""
