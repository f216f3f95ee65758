#!/bin/sh
# A Slurm array: sh slurm.sh STUDY TABLES PARTS
set -eu
if [ "${SLURM_ARRAY_TASK_ID:-}" ]; then
    # Exit code 3: some inputs could not be used, and failures.csv will name them.
    truehinge batch "$1" -o "$2.parts" --no-progress --jobs "${SLURM_CPUS_PER_TASK:-1}" \
        --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" || [ $? -eq 3 ]
    exit
fi
array=$(sbatch --parsable --array="1-$3" --cpus-per-task=4 --mem=1G --time=4:00:00 --requeue "$0" "$1" "$2" "$3")
sbatch --dependency="afterok:$array" --cpus-per-task=4 --mem=1G \
    --wrap "truehinge gather '$2.parts' -o '$2' --no-progress"
