-- What countonce {version} counts of the event IDs in facts of format {format}, by side and
-- event name. Facts of older formats have no column id_scheme: bring them up with
-- `countonce facts OLD.parquet --out NEW.parquet`.
with one_by_one as (
  select channel, name, id, min(id_scheme) as scheme, count(*) as events
  from {facts}
  where name is not null and name <> '' and not automatic
  group by channel, name, id
)
select {ids_format} as countonce_ids, channel, name,
  cast(sum(events) as bigint) as events,
  cast(sum(case when id is null then 0 else events end) as bigint) as present,
  cast(count(id) as bigint) as distinct_ids,
  cast(min(case when length(id) > 65535 then 65535 else length(id) end) as bigint) as shortest,
  cast(max(case when length(id) > 65535 then 65535 else length(id) end) as bigint) as longest,
  {schemes}
from one_by_one
group by channel, name
order by channel, name
