"the set is ${{ a = 1; b = "two"; c = null; }}"
