# VRRP packets that no honest router sends, and one that it does: whole IPv4 packets
# in hexadecimal for build/vrrp-raw, from 10.9.0.1, of VRID 51 with 10.9.0.200.

# packet TTL MESSAGE: a whole packet with the right checksum (of its own) in place of
# "SSSS"; the kernel fills in the IP header's.
packet() {
	sum=0
	words=$(echo "$2" | sed 's/SSSS/0000/; s/..../& /g')
	for word in $words; do
		[ ${#word} = 4 ] || word=${word}00
		sum=$((sum + 0x$word))
	done
	while [ $sum -gt 65535 ]; do sum=$((sum % 65536 + sum / 65536)); done
	sum=$(printf '%04x' $((65535 - sum)))
	printf '45c0000000070000%02x7000000a090001e0000012%s\n' "$1" "$(echo "$2" | sed "s/SSSS/$sum/")"
}

# hostile_packets: lines "NAME PACKET", each once of priority 255, which would win if
# it were believed, and once of priority 0.
hostile_packets() {
	address=0a0900c8
	auth=0000000000000000
	for p in ff 00; do
		echo "7_bytes.$p $(packet 255 "2133${p}01000100${address}" | cut -c 1-54)"
		echo "4_more.$p $(packet 255 "2133${p}010001SSSS${address}${auth}00000000")"
		echo "1_more.$p $(packet 255 "2133${p}010001SSSS${address}${auth}41")"
		echo "no_trailer.$p $(packet 255 "2133${p}010001SSSS${address}")"
		echo "4_bytes.$p $(packet 255 "2133${p}01")"
		echo "8_bytes.$p $(packet 255 "2133${p}01000100")"
		echo "1_byte.$p $(packet 255 "21")"
		echo "TTL_254.$p $(packet 254 "2133${p}010001SSSS${address}${auth}")"
		echo "TTL_1.$p $(packet 1 "2133${p}010001SSSS${address}${auth}")"
		echo "version_3.$p $(packet 255 "3133${p}010001SSSS${address}")"
		echo "version_4.$p $(packet 255 "4133${p}010001SSSS${address}${auth}")"
		echo "type_2.$p $(packet 255 "2233${p}010001SSSS${address}${auth}")"
		echo "VRID_52.$p $(packet 255 "2134${p}010001SSSS${address}${auth}")"
		echo "VRID_0.$p $(packet 255 "2100${p}010001SSSS${address}${auth}")"
		echo "no_address.$p $(packet 255 "2133${p}000001SSSS${auth}")"
		echo "2_addresses.$p $(packet 255 "2133${p}020001SSSS${address}${address}${auth}")"
		echo "255_addresses.$p $(packet 255 "2133${p}ff0001SSSS${address}${auth}")"
		echo "auth_PASS.$p $(packet 255 "2133${p}010101SSSS${address}${auth}")"
		echo "auth_9.$p $(packet 255 "2133${p}010901SSSS${address}${auth}")"
		echo "interval_2.$p $(packet 255 "2133${p}010002SSSS${address}${auth}")"
		echo "interval_0.$p $(packet 255 "2133${p}010000SSSS${address}${auth}")"
		echo "checksum.$p $(packet 255 "2133${p}0100011234${address}${auth}")"
		echo "other_address.$p $(packet 255 "2133${p}010001SSSS0a0900c9${auth}")"
	done
}

# honest_packet: of priority 200.
honest_packet() {
	packet 255 "2133c8010001SSSS0a0900c80000000000000000"
}
