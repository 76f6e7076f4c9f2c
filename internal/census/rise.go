package census

import "slices"

// longestRise returns the indexes of the longest increasing subsequence of numbers that are all
// different, by patience sorting: n log n comparisons.
func longestRise(numbers []int) []int {
	var ends []int // ends[k]: index of the smallest number that a rise of length k+1 ends with
	before := make([]int, len(numbers))
	for i, n := range numbers {
		k, _ := slices.BinarySearchFunc(ends, n, func(e, n int) int { return numbers[e] - n })
		before[i] = -1
		if k > 0 {
			before[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		} else {
			ends[k] = i
		}
	}
	rise := make([]int, len(ends))
	if len(ends) > 0 {
		for k, i := len(ends)-1, ends[len(ends)-1]; k >= 0; k, i = k-1, before[i] {
			rise[k] = i
		}
	}
	return rise
}
