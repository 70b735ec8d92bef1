{to}_gaps as (
  select r.*, lag(caught) over ({group} order by caught, side desc, tie) as {to}_gap
  from {from} r
),
{to}_bursts as (
  select r.*, sum(case when caught - {to}_gap <= {within} then 0 else 1 end)
    over ({group} order by caught, side desc, tie {up_to_here}) as {to}_burst
  from {to}_gaps r
),
{to}_walks as (
  select r.*,
    sum(side) over ({group}, {to}_burst order by caught, side desc, tie {up_to_here}) as {to}_walk
  from {to}_bursts r
),
{to}_rungs as (
  select r.*,
    row_number() over ({group}, {to}_burst, {rung} order by caught, side desc, tie) as {to}_step,
    lag(caught) over ({group}, {to}_burst, {rung} order by caught, side desc, tie) as {to}_before,
    lead(caught) over ({group}, {to}_burst, {rung} order by caught, side desc, tie) as {to}_after,
    lag(has_id) over ({group}, {to}_burst, {rung} order by caught, side desc, tie) as {to}_id_before,
    lead(has_id) over ({group}, {to}_burst, {rung} order by caught, side desc, tie) as {to}_id_after
  from {to}_walks r
),
{to} as (
  select r.*,
    {open} and coalesce(case when mod({to}_step, 2) = 1 then {to}_after - caught
      else caught - {to}_before end <= {within}, false) as {to}_coupled,
    case when mod({to}_step, 2) = 1 then {to}_id_after else {to}_id_before end as {to}_has_id
  from {to}_rungs r
)
