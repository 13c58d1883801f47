;; The two loops of scan.ts that run over most bytes of a body, sixteen bytes at a time.
;; The body lies at 0 .. $end in memory, with at least 16 bytes of memory after it.
;; Compiled into scan-wasm.ts by `node scripts/wasm.ts`.
(module
  (memory (export "memory") 1)

  ;; Inside a JSON string, outside an escape, at $from: the index after its closing quote, or -1 when there is none before $end.
  (func $stringEnd (export "stringEnd") (param $from i32) (param $end i32) (result i32)
    (local $at i32)     ;; of the sixteen bytes looked at
    (local $quotes i32) ;; a bit for each quote among them not looked at yet
    (local $quote i32)
    (local $back i32)
    (local.set $at (local.get $from))
    (loop $lane
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $quotes
        (i8x16.bitmask (i8x16.eq (v128.load align=1 (local.get $at)) (i8x16.splat (i32.const 34)))))
      (block $none
        (loop $next
          (br_if $none (i32.eqz (local.get $quotes)))
          (local.set $quote (i32.add (local.get $at) (i32.ctz (local.get $quotes))))
          (if (i32.ge_u (local.get $quote) (local.get $end)) (then (return (i32.const -1))))
          ;; A quote closes the string when an even number of backslashes stands before it.
          (local.set $back (local.get $quote))
          (block $counted
            (loop $slash
              (br_if $counted (i32.le_u (local.get $back) (local.get $from)))
              (br_if $counted (i32.ne (i32.load8_u (i32.sub (local.get $back) (i32.const 1))) (i32.const 92)))
              (local.set $back (i32.sub (local.get $back) (i32.const 1)))
              (br $slash)))
          (if (i32.eqz (i32.and (i32.sub (local.get $quote) (local.get $back)) (i32.const 1)))
            (then (return (i32.add (local.get $quote) (i32.const 1)))))
          (local.set $quotes (i32.and (local.get $quotes) (i32.sub (local.get $quotes) (i32.const 1))))
          (br $next)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $lane))
    (unreachable))

  ;; At the opening brace or bracket $at: the index after its closing one, -1 when there is none before $end, -2 when it nests deeper than $maxDepth.
  (func (export "nestedEnd") (param $at i32) (param $end i32) (param $maxDepth i32) (result i32)
    (local $depth i32)
    (local $byte i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 34))
        (then
          (local.set $at (call $stringEnd (local.get $at) (local.get $end)))
          (if (i32.eq (local.get $at) (i32.const -1)) (then (return (i32.const -1))))
          (br $next)))
      ;; Braces and brackets alone differ from each other in bit 0x20 only: { 0x7b [ 0x5b, } 0x7d ] 0x5d.
      (local.set $byte (i32.or (local.get $byte) (i32.const 32)))
      (if (i32.eq (local.get $byte) (i32.const 123))
        (then
          (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
          (if (i32.gt_u (local.get $depth) (local.get $maxDepth)) (then (return (i32.const -2))))
          (br $next)))
      (if (i32.eq (local.get $byte) (i32.const 125))
        (then
          (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
          (if (i32.eqz (local.get $depth)) (then (return (local.get $at))))))
      (br $next))
    (unreachable)))
