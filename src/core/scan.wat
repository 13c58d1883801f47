;; The loops that run over most bytes of a body (scan.ts) and of the events of a reply (signs.ts), sixteen bytes at a time.
;; The bytes end at $end in memory, with at least 32 bytes of memory after them.
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
    (unreachable))

  ;; From $at on, with at least 4 bytes of memory before it: the index of the quote in `":` behind a key that ends with one of four words of four
  ;; bytes and whose value does not begin with `n`, as null does; or of the bracket in `[D`. -1 when there is none before $end.
  (func (export "nextSign") (param $at i32) (param $end i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32) (result i32)
    (local $bytes v128)
    (local $behind v128) ;; the same, one byte on
    (local $found i32)   ;; a bit for each place not looked at yet
    (local $place i32)
    (local $word i32)
    (loop $lane
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $bytes (v128.load align=1 (local.get $at)))
      (local.set $behind (v128.load offset=1 align=1 (local.get $at)))
      (local.set $found
        (i8x16.bitmask
          (v128.or
            (v128.and
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
              (i8x16.eq (local.get $behind) (i8x16.splat (i32.const 58))))
            (v128.and
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 91)))
              (i8x16.eq (local.get $behind) (i8x16.splat (i32.const 68)))))))
      (block $none
        (loop $next
          (br_if $none (i32.eqz (local.get $found)))
          (local.set $place (i32.add (local.get $at) (i32.ctz (local.get $found))))
          (local.set $found (i32.and (local.get $found) (i32.sub (local.get $found) (i32.const 1))))
          (if (i32.ge_u (i32.add (local.get $place) (i32.const 1)) (local.get $end)) (then (return (i32.const -1))))
          (if (i32.eq (i32.load8_u (local.get $place)) (i32.const 91)) (then (return (local.get $place))))
          (br_if $next (i32.eq (i32.load8_u offset=2 (local.get $place)) (i32.const 110)))
          (local.set $word (i32.load align=1 (i32.sub (local.get $place) (i32.const 4))))
          (br_if $next
            (i32.eqz
              (i32.or
                (i32.or (i32.eq (local.get $word) (local.get $a)) (i32.eq (local.get $word) (local.get $b)))
                (i32.or (i32.eq (local.get $word) (local.get $c)) (i32.eq (local.get $word) (local.get $d))))))
          (return (local.get $place))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $lane))
    (unreachable)))
