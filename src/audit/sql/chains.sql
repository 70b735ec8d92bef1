-- Copies of one ID that come later than the window after the first count again.
long_ones as (
  {copies}
),
next_ones as (
  select o.who as who, o.name as name, o.pixel as pixel, o.caught as from_at,
    min(n.caught) as caught
  from (select distinct who, name, pixel, caught from long_ones) o
  join (select distinct who, name, pixel, caught from long_ones) n
    on n.who = o.who and n.name = o.name and n.pixel = o.pixel and n.caught - o.caught > {window}
  group by o.who, o.name, o.pixel, o.caught
),
chains as (
  select n.who, n.name, n.pixel, n.caught from next_ones n
  join (select distinct who, name, pixel, counted_from from long_ones) f
    on f.who = n.who and f.name = n.name and f.pixel = n.pixel and f.counted_from = n.from_at
  union all
  select n.who, n.name, n.pixel, n.caught from chains c
  join next_ones n on n.who = c.who and n.name = c.name and n.pixel = c.pixel
    and n.from_at = c.caught
)
