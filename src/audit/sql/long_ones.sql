select p.who as who, p.name as name, p.pixel as pixel, p.caught as caught,
    p.counted_from as counted_from
  from {placed} p
  where p.has_id and p.joins and p.accepted and p.counted_to - p.counted_from > {window}
    and not exists (
      select 1 from mirrors m where m.who = p.who and m.name = p.name and m.pixel = p.pixel
    )
