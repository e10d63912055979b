#!/usr/bin/env bash
# Usage: SRC=… OUT=… WORK=… ARCHITECTURE=… .clusterfuzzlite/build.sh
# Puts every fuzz target into $OUT, each with its seeds, its dictionary and its options. ClusterFuzzLite runs this in its
# image, and ci/clusterfuzzlite without one.
set -euo pipefail
cd -- "$SRC/redeliver"

cargo fuzz build -O --debug-assertions

# fuzz/runner knows what each target is run with. It is asked with a program that only repeats what it is given.
mkdir -p "$WORK/asked"
printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$WORK/asked/repeat"
chmod +x "$WORK/asked/repeat"

for source in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$source" .rs)
  cp "fuzz/target/$ARCHITECTURE-unknown-linux-gnu/release/$target" "$OUT/"

  ln -sf repeat "$WORK/asked/$target"
  mapfile -t arguments < <(fuzz/runner "$WORK/asked/$target")
  declare -A options=()
  seeds=()
  for argument in "${arguments[@]}"; do
    value=${argument#*=}
    case $argument in
      -dict=*) cp "$value" "$OUT/$target.dict" ;;
      -seed_inputs=*) IFS=, read -ra seeds <<<"$value" ;;
      -*=*) name=${argument%%=*} && options[${name#-}]=$value ;;
    esac
  done

  printf '[libfuzzer]\n' >"$OUT/$target.options"
  for name in "${!options[@]}"; do
    printf '%s = %s\n' "$name" "${options[$name]}"
  done | sort >>"$OUT/$target.options"

  # Files of two folders may have one name.
  rm -rf "$WORK/seeds" && mkdir "$WORK/seeds"
  for seed in "${seeds[@]}"; do
    cp "$seed" "$WORK/seeds/$(basename "$(dirname "$seed")")-$(basename "$seed")"
  done
  if ((${#seeds[@]} > 0)); then
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$WORK/seeds" && zip --quiet "$OUT/${target}_seed_corpus.zip" -- *)
  fi
done
